import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleanup } from "../sandbox/cleanup.ts";
import { startEngine, type Engine } from "../sandbox/engine/engine.ts";
import { followCommit, type FinishedCheck } from "../sandbox/follow-commit.ts";
import { startLocalGitHub, type LocalGitHub } from "../sandbox/github/local-github.ts";
import { importBaseImage } from "../sandbox/image/base-image.ts";
import { startSkepProcess } from "../sandbox/skep-process.ts";
import { repositoryFiles } from "./bench-app.ts";
import { freePort } from "../test/support/free-port.ts";

/** Skep as a process of its own, with a GitHub and a Swarm for it alone. */
export interface BenchWorld {
  readonly engine: Engine;
  readonly github: LocalGitHub;
  /** The name that Skep gives the app's service. */
  readonly serviceName: string;
  /** Pushes the app with this page; resolves with the commit once the webhook is on its way. */
  push(page: string): Promise<string>;
  /** When the webhook of a commit was sent, in milliseconds since the epoch. */
  sentAt(sha: string): number;
  /** Waits until GitHub shows that the commit was deployed. */
  deployed(sha: string): Promise<FinishedCheck>;
}

const WHERE = { owner: "ana", name: "hello", repo: "hello" };
const DEADLINE_MS = 60_000;

/** A folder that goes with the bench. */
export async function makeFolder(cleanup: Cleanup): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "skep-bench-"));
  cleanup.add("folder", () => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts a private engine with the base images. */
export async function startBenchEngine(cleanup: Cleanup, dir: string): Promise<Engine> {
  const engine = await startEngine({ dir: join(dir, "engine"), name: `bench-${process.pid}` });
  cleanup.add("engine", () => engine.stop());
  await importBaseImage(engine);
  return engine;
}

/** Starts everything; with `validate`, the local GitHub judges all traffic, which costs it time. */
export async function startBenchWorld(
  cleanup: Cleanup,
  options: { readonly validate: boolean },
): Promise<BenchWorld> {
  const dir = await makeFolder(cleanup);
  const engine = await startBenchEngine(cleanup, dir);
  const github = await startLocalGitHub({ directory: join(dir, "github"), ...options });
  cleanup.add("GitHub", () => github.close());
  await startSkep(cleanup, { dir, engine, github });
  github.addUser({ login: WHERE.owner, name: "Ana" });
  await github.createRepository(WHERE);
  github.installApp(WHERE);
  return {
    engine,
    github,
    serviceName: `${WHERE.name}-production_${WHERE.name}`,
    async push(page) {
      const { sha } = await github.pushFiles({ ...WHERE, files: repositoryFiles(page) });
      return sha;
    },
    sentAt: (sha) => sentAt(github, sha),
    async deployed(sha) {
      const check = await followCommit(github, WHERE, sha, DEADLINE_MS);
      if (check.conclusion === "success") return check;
      throw new Error(`deploying ${sha}: ${check.conclusion}: ${check.title}\n${check.summary}`);
    },
  };
}

async function startSkep(cleanup: Cleanup, parts: SkepParts): Promise<void> {
  const env = await skepSettings(parts);
  const port = Number(env["PORT"]);
  parts.github.setWebhookUrl(`http://127.0.0.1:${port}/api/github/webhooks`);
  const skep = await startSkepProcess({ port, env, logFile: join(parts.dir, "skep.log") });
  cleanup.add("Skep", () => skep.stop());
}

/** What Skep needs to know of its surroundings. */
interface SkepParts {
  readonly dir: string;
  readonly engine: Engine;
  readonly github: LocalGitHub;
}

/** Skep's environment variables: its defaults, but for what it has to find. */
export async function skepSettings(parts: SkepParts): Promise<Readonly<Record<string, string>>> {
  const { dir, engine, github } = parts;
  const port = await freePort();
  return {
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: "http",
    HOST: "127.0.0.1",
    PORT: String(port),
    SKEP_URL: `http://127.0.0.1:${port}`,
    SKEP_DATA: join(dir, "skep"),
    DOCKER_HOST: `unix://${engine.socketPath}`,
  };
}

function sentAt(github: LocalGitHub, sha: string): number {
  const delivery = github.deliveries.find(
    ({ event, requestBody }) => event === "push" && requestBody.includes(`"after":"${sha}"`),
  );
  if (delivery === undefined) throw new Error(`looking for the webhook of ${sha}: there is none`);
  return Date.parse(delivery.deliveredAt);
}
