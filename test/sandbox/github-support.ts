import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { z } from "zod";
import {
  type LocalGitHub,
  type LocalGitHubOptions,
  startLocalGitHub,
} from "../../sandbox/github/local-github.ts";

const run = promisify(execFile);

/** A webhook as an App's server gets it. */
export interface Received {
  readonly event: string;
  readonly guid: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isSigned: boolean;
  readonly payload: Record<string, unknown>;
}

/** A server that takes webhooks. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it answers from now on. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** Starts a server that takes webhooks and checks their signature. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const received: Received[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const header = (name: string) => String(request.headers[name] ?? "");
      const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
      received.push({
        event: header("x-github-event"),
        guid: header("x-github-delivery"),
        headers: z.record(z.string(), z.string()).parse({ ...request.headers }),
        isSigned: header("x-hub-signature-256") === signature,
        payload: z.record(z.string(), z.unknown()).parse(JSON.parse(body.toString("utf8"))),
      });
      response.writeHead(status).end("seen");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/hooks`,
    received,
    answer: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A manifest that asks for everything the local GitHub knows. */
export const wideManifest = new URL("./wide-app.yml", import.meta.url);

/** A manifest that asks for little: pushes, contents and checks. */
export const narrowManifest = new URL("./narrow-app.yml", import.meta.url);

/** A local GitHub with one installed repository, a webhook receiver and an App client. */
export interface Setup {
  readonly github: LocalGitHub;
  readonly receiver: Receiver;
  readonly octokit: Octokit;
  readonly directory: string;
  readonly name: { readonly owner: "octo"; readonly repo: "web" };
  readonly cloneUrl: string;
  /** The repository's first commit, on main. */
  readonly sha: string;
  close(): Promise<void>;
}

const secret = "a-secret-for-tests";

/** Starts all of it; `close` removes every trace. */
export async function setUp(options: Partial<LocalGitHubOptions> = {}): Promise<Setup> {
  const directory = await mkdtemp(join(tmpdir(), "skep-github-"));
  const receiver = await startReceiver(secret);
  const github = await startLocalGitHub({
    directory: join(directory, "github"),
    webhookSecret: secret,
    webhookUrl: receiver.url,
    manifest: wideManifest,
    ...options,
  });
  const { cloneUrl } = await github.createRepository({ owner: "octo", name: "web", private: true });
  const { id } = github.installApp({ owner: "octo" });
  const name = { owner: "octo", repo: "web" } as const;
  const { sha } = await github.pushFiles({ ...name, files: { Dockerfile: "FROM scratch\n" } });
  await github.idle();
  receiver.received.length = 0;
  github.requests.reset();
  return {
    github,
    receiver,
    octokit: appClient(github, id),
    directory,
    name,
    cloneUrl,
    sha,
    close: async () => {
      await github.close();
      await receiver.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Keeps an Octokit from writing expected refusals to the console. */
export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** An Octokit that acts as the App's installation. */
export function appClient(github: LocalGitHub, installationId: number): Octokit {
  const { id: appId, privateKey } = github.app;
  return new Octokit({
    baseUrl: github.apiUrl,
    authStrategy: createAppAuth,
    auth: { appId, privateKey, installationId },
    log: silent,
  });
}

/** Takes the webhooks received since the last call, in the order in which they were sent. */
export async function takeSent({
  github,
  receiver,
}: Pick<Setup, "github" | "receiver">): Promise<Received[]> {
  await github.idle();
  // They travel side by side, so the network may bring them in another order.
  const place = ({ guid }: Received) => github.deliveries.findIndex((one) => one.guid === guid);
  return receiver.received.splice(0).toSorted((a, b) => place(a) - place(b));
}

/** The App's installation with fewer permissions than its manifest asks for. */
export async function restrictedClient(
  { github, octokit }: Pick<Setup, "github" | "octokit">,
  permissions: Readonly<Record<string, string>>,
): Promise<Octokit> {
  const auth = await octokit.auth({ type: "installation", permissions, refresh: true });
  const { token } = z.object({ token: z.string() }).parse(auth);
  return new Octokit({ baseUrl: github.apiUrl, auth: token, log: silent });
}

/** Runs git as a person with no configuration of their own. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", cwd, ...args], {
    env: {
      PATH: process.env.PATH ?? "",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Octo Cat",
      GIT_AUTHOR_EMAIL: "octo@users.noreply.localhost",
      GIT_COMMITTER_NAME: "Octo Cat",
      GIT_COMMITTER_EMAIL: "octo@users.noreply.localhost",
    },
  });
  return stdout.trim();
}

/** The status and message of a refused request. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    return z.object({ status: z.number(), message: z.string() }).parse(error);
  }
  throw new Error("the request was not refused");
}
