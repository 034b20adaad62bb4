import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startLocalGitHub, type LocalGitHub } from "../../sandbox/github/local-github.ts";
import { startSkepProcess, type SkepProcess } from "../../sandbox/skep-process.ts";
import { createProductApp, type App } from "./product-app.ts";
import { sharedEngine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { killRedisOf } from "./product-data.ts";
import { makeTempDir } from "./temp-dir.ts";

/** Environment variables for Skep, on top of those that connect it with its surroundings. */
export type ExtraEnv = Readonly<Record<string, string>>;

/** The whole product as an operator has it: a GitHub, and Skep as a process of its own on the shared engine. */
export interface Product {
  readonly github: LocalGitHub;
  /** Holds all that belongs to it; gone after `close`. */
  readonly dir: string;
  /** Skep's data folder; it outlives the process. */
  readonly dataDir: string;
  readonly webhookUrl: string;
  /** Starts Skep and waits until it is ready; the data folder is the same every time. */
  start(env?: ExtraEnv): Promise<SkepProcess>;
  hasStarted(): boolean;
  /** Ends Skep as a power cut would. */
  kill(): Promise<void>;
  /** Waits until Skep was ended by its fault hook; fails when it lives on. */
  died(): Promise<void>;
  /** Asks Skep to end; resolves with its exit code. */
  stop(): Promise<number | null>;
  /**
   * Makes a repository, with the App installed, whose app runs on the Swarm. GitHub's limits hold for each owner: a
   * test that makes Skep tell a lot names one of its own.
   */
  app(name: string, owner?: string): Promise<App>;
  /** What Skep wrote to its log so far. */
  log(): Promise<string>;
  /** What broke GitHub's contract so far. */
  problems(): readonly string[];
  close(): Promise<void>;
}

const OWNER = "acme";
const DEATH_DEADLINE_MS = 30_000;

/** Short waits, so that tests of failures end soon. */
const QUICK: ExtraEnv = {
  SKEP_PROVE_SECONDS: "1",
  SKEP_PENDING_TIMEOUT: "3",
  SKEP_ROLLOUT_TIMEOUT: "30",
  SKEP_SHUTDOWN_TIMEOUT: "10",
  LOG_LEVEL: "debug",
  // Halves the time that a start takes.
  NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/skep-e2e"),
};

/** Starts a GitHub and prepares a Skep; `start` runs it. `env` holds for every start. */
export async function openProduct(env: ExtraEnv = {}): Promise<Product> {
  const dir = await makeTempDir();
  const github = await startLocalGitHub({ directory: join(dir.path, "github") });
  const owners = new Set<string>();
  const port = await freePort();
  const webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
  github.setWebhookUrl(webhookUrl);
  const dataDir = join(dir.path, "skep");
  const logFile = join(dir.path, "skep.log");
  const common = { ...connect(github, port), SKEP_DATA: dataDir, ...QUICK, ...env };
  let skep: SkepProcess | null = null;

  const started = (): SkepProcess => {
    if (skep === null) throw new Error("this Skep was never started");
    return skep;
  };
  const stop = async (): Promise<number | null> => {
    await started().stop();
    return (await started().exited).code;
  };
  const product: Product = {
    github,
    dir: dir.path,
    dataDir,
    webhookUrl,
    async start(extra = {}) {
      skep = await startSkepProcess({ port, logFile, env: { ...common, ...extra } });
      return skep;
    },
    hasStarted: () => skep !== null,
    async kill() {
      started().child.kill("SIGKILL");
      await started().exited;
    },
    async died() {
      const { signal, code } = await Promise.race([started().exited, timeout()]);
      if (signal !== "SIGKILL") throw new Error(`Skep ended with ${signal ?? `exit code ${code}`}`);
    },
    stop,
    app: (name, owner = OWNER) => {
      if (!owners.has(owner)) github.installApp({ owner });
      owners.add(owner);
      return createProductApp(product, { owner, name });
    },
    log: () => readFile(logFile, "utf8"),
    problems: () => github.problems(),
    async close() {
      if (skep !== null) await stop();
      await killRedisOf(dataDir);
      await github.close();
      await dir.remove();
    },
  };
  return product;
}

function connect(github: LocalGitHub, port: number): ExtraEnv {
  return {
    APP_ID: String(github.app.id),
    PRIVATE_KEY: github.app.privateKey,
    WEBHOOK_SECRET: github.app.webhookSecret,
    GHE_HOST: new URL(github.url).host,
    GHE_PROTOCOL: "http",
    HOST: "127.0.0.1",
    SKEP_URL: `http://127.0.0.1:${port}`,
    SKEP_OPEN_ON_LOOPBACK: "1",
    DOCKER_HOST: `unix://${sharedEngine().socketPath}`,
  };
}

function timeout(): Promise<never> {
  return new Promise((_, reject) => {
    const message = `Skep lives on ${DEATH_DEADLINE_MS / 1000} s after its fault was armed`;
    setTimeout(() => reject(new Error(message)), DEATH_DEADLINE_MS).unref();
  });
}
