import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { HTTPException } from "hono/http-exception";
import { type Caller, callerLogin, checkAccess, identifyCaller } from "./caller.ts";
import { gitEnvironment } from "./git.ts";
import { findRepository, gitDirectory, type Hub } from "./hub.ts";
import { watchRefs } from "./push-events.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

const address = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** What a git client asks for. */
interface GitRequest {
  readonly repository: Repository;
  readonly caller: Caller;
  readonly url: URL;
  readonly service: string;
  readonly isPush: boolean;
}

/** Tells whether a request is git's, by its path. */
export function isGitPath(pathname: string): boolean {
  return address.test(pathname);
}

/** Runs one job after the other for each repository, so that what a push moved can be told apart. */
export interface Turns {
  readonly run: <T>(repositoryId: number, job: () => Promise<T>) => Promise<T>;
  /** Resolves when every job given so far is done. */
  readonly idle: () => Promise<void>;
}

/** Creates the turns. */
export function createTurns(): Turns {
  const last = new Map<number, Promise<unknown>>();
  return {
    run: (repositoryId, job) => {
      const mine = (last.get(repositoryId) ?? Promise.resolve()).then(job);
      last.set(
        repositoryId,
        mine.catch(() => {}),
      );
      return mine;
    },
    idle: async () => {
      await Promise.all(last.values());
    },
  };
}

/** Serves clone, fetch and push through `git http-backend`; a push sends webhooks. Returns the status. */
export async function serveGit(
  hub: LiveHub,
  turns: Turns,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  let asked: GitRequest;
  try {
    asked = readRequest(hub, request);
  } catch (error) {
    return refuse(response, error instanceof HTTPException ? error.status : 500);
  }
  const serve = () => runBackend(hub, asked, request, response);
  if (!asked.isPush || request.method !== "POST") return serve();
  const { repository } = asked;
  const pusher = callerLogin(hub, asked.caller);
  return turns.run(repository.id, () => watchRefs(hub, { repository, pusher }, serve));
}

function readRequest(hub: Hub, request: IncomingMessage): GitRequest {
  const url = new URL(request.url ?? "/", "http://local");
  const [, owner = "", name = "", service = ""] = address.exec(url.pathname) ?? [];
  const isPush = `${service}${url.search}`.includes("git-receive-pack");
  const caller = identifyCaller(hub, request.headers.authorization);
  const repository = findRepository(hub, owner, name);
  // An anonymous client is asked for credentials first, so that a hidden repository looks like a missing one.
  if (caller.kind === "anonymous" && (isPush || repository?.isPrivate !== false)) {
    throw new HTTPException(401);
  }
  if (!repository) throw new HTTPException(404);
  checkAccess(hub, caller, repository, ["contents", isPush ? "write" : "read"]);
  return { repository, caller, url, service, isPush };
}

function refuse(response: ServerResponse, status: number): number {
  const challenge = status === 401 ? { "WWW-Authenticate": 'Basic realm="GitHub"' } : {};
  response.writeHead(status, { "Content-Type": "text/plain", ...challenge });
  response.end(status === 404 ? "Repository not found." : `Access denied (${status}).`);
  return status;
}

function runBackend(
  hub: Hub,
  { repository, caller, url, service }: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const header = (name: string) => String(request.headers[name] ?? "");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...gitEnvironment,
      GIT_PROJECT_ROOT: gitDirectory(hub, repository),
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: `/${service}`,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      REMOTE_USER: callerLogin(hub, caller),
      REMOTE_ADDR: "127.0.0.1",
      ...(request.headers["content-length"] && {
        CONTENT_LENGTH: request.headers["content-length"],
      }),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  response.on("close", () => child.kill());
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let status = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      if (status > 0) return void response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      status = writeHead(response, head.subarray(0, end).toString("latin1"));
      response.write(head.subarray(end + 4));
    });
    child.on("error", reject);
    child.on("close", () => {
      if (status === 0) status = refuse(response, 500);
      else response.end();
      resolve(status);
    });
  });
}

/** Turns the CGI header block into the answer's head; returns its status. */
function writeHead(response: ServerResponse, block: string): number {
  let status = 200;
  for (const line of block.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
  return status;
}
