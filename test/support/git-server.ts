import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { makeTempDir } from "./temp-dir.ts";

/** Real repositories behind git's smart HTTP, readable with one token. */
export interface GitServer {
  readonly url: string;
  /** Requests so far, `<method> <path>`. */
  readonly requests: readonly string[];
  /** Runs git in a repository's work tree; returns its output. */
  git(name: string, ...args: readonly string[]): string;
  /** Makes a repository with an empty work tree beside it. */
  create(name: string): { readonly workTree: string };
  /** Commits all that is in the work tree and pushes it to a branch; returns the SHA. */
  push(name: string, branch?: string): string;
  /** Answers each request like this from now on; null goes back to git. */
  answerWith(answer: ((request: IncomingMessage, response: ServerResponse) => void) | null): void;
  stop(): Promise<void>;
}

const IDENTITY = {
  GIT_AUTHOR_NAME: "Ana",
  GIT_AUTHOR_EMAIL: "ana@example.com",
  GIT_COMMITTER_NAME: "Ana",
  GIT_COMMITTER_EMAIL: "ana@example.com",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** Starts a git server on loopback. */
export async function startGitServer(token: string): Promise<GitServer> {
  const dir = await makeTempDir();
  const requests: string[] = [];
  let answer: Parameters<GitServer["answerWith"]>[0] = null;
  const basic = `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    if (answer !== null) return answer(request, response);
    if (request.headers.authorization !== basic) {
      response.writeHead(401, { "www-authenticate": "Basic realm=git" }).end();
      return;
    }
    serve(dir.path, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function git(name: string, ...args: readonly string[]): string {
    return execFileSync("git", args, {
      cwd: join(dir.path, `${name}-work`),
      env: { ...process.env, ...IDENTITY },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    }).trim();
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    git,
    create(name) {
      const workTree = join(dir.path, `${name}-work`);
      mkdirSync(workTree);
      git(
        name,
        "init",
        "--quiet",
        "--bare",
        "--initial-branch=main",
        join(dir.path, `${name}.git`),
      );
      git(name, "init", "--quiet", "--initial-branch=main");
      git(name, "remote", "add", "origin", join(dir.path, `${name}.git`));
      return { workTree };
    },
    push(name, branch = "main") {
      git(name, "add", "--all");
      git(name, "commit", "--quiet", "--allow-empty", "-m", `Change ${branch}`);
      git(name, "push", "--quiet", "--force", "origin", `HEAD:refs/heads/${branch}`);
      return git(name, "rev-parse", "HEAD");
    },
    answerWith(next) {
      answer = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await dir.remove();
    },
  };
}

function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const lines = head.toString("latin1", 0, end).split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => line.split(": ", 2)));
    response.writeHead(Number.parseInt(headers["Status"] ?? "200", 10), headers);
    response.write(head.subarray(end + 4));
  });
  child.on("close", () => response.end());
}
