import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { startEngine, type Engine } from "./engine/engine.ts";
import { startLocalGitHub, type LocalGitHub } from "./github/local-github.ts";
import { importBaseImage } from "./image/base-image.ts";
import { startProxy, type Proxy } from "./image/proxy.ts";
import { openRunFolder } from "./run-folder.ts";
import { createSampleRepository, type SampleRepository } from "./sample-repository.ts";
import type { Sample } from "./samples.ts";
import { startSkepProcess, type SkepProcess } from "./skep-process.ts";

/** The whole product, running on this machine. */
export interface Sandbox {
  readonly dir: string;
  readonly engine: Engine;
  readonly github: LocalGitHub;
  readonly proxy: Proxy;
  readonly skep: SkepProcess;
  readonly sample: SampleRepository;
  /** Where the sample app answers. */
  readonly appUrl: string;
  /** Where staging answers, once something was deployed there. */
  readonly stagingUrl: string;
}

/** Ports that are easy to remember; a free one is taken instead where somebody else has it. */
const PORTS = { github: 4000, skep: 4001, apps: 4080 };

/** How to bring the sandbox up. */
export interface BringUpOptions {
  readonly sample: Sample;
  /** Remembers what came up, also when something after it fails. */
  readonly cleanup: Cleanup;
  /** Is told what is brought up next. */
  readonly tell: (text: string) => void;
  /** Ends the bringing up, with its reason, before the next part is started. */
  readonly signal: AbortSignal;
}

/** Brings everything up. */
export async function bringUp(options: BringUpOptions): Promise<Sandbox> {
  const { cleanup, signal, sample } = options;
  const tell = (text: string): void => {
    signal.throwIfAborted();
    options.tell(text);
  };
  const folder = await openRunFolder(join(tmpdir(), `skep-sandbox-${process.getuid?.() ?? 0}`));
  cleanup.add("folder", () => folder.remove());
  const dir = folder.path;
  const swarm = { dir: join(dir, "engine"), sample };
  const { engine, proxy } = await startSwarm(cleanup, swarm, tell);
  const github = await startGitHub(cleanup, join(dir, "github"), tell);
  const appUrl = proxy.url(sample.name);
  const stagingUrl = proxy.url(`${sample.name}-staging`);
  tell("starting Skep");
  const skep = await startSkep(cleanup, {
    dir,
    engine,
    github,
    network: proxy.network,
    signal,
  });
  const repository = await createSampleRepository(github, {
    sample,
    folder: join(dir, sample.name),
    urls: { production: appUrl, staging: stagingUrl },
  });
  return { dir, engine, github, proxy, skep, sample: repository, appUrl, stagingUrl };
}

async function startSwarm(
  cleanup: Cleanup,
  { dir, sample }: { readonly dir: string; readonly sample: Sample },
  tell: (text: string) => void,
): Promise<{ engine: Engine; proxy: Proxy }> {
  tell("starting a private Docker Engine in Swarm mode");
  const engine = await startEngine({ dir, name: `sandbox-${process.pid}` });
  cleanup.add("engine", () => engine.stop());
  tell("making the base image from what is on this machine");
  await importBaseImage(engine);
  const { production, staging } = sample.routes(engine.address);
  const proxy = await startProxy(engine, {
    port: await freePort(PORTS.apps),
    routes: { [sample.name]: production, [`${sample.name}-staging`]: staging },
  });
  cleanup.add("proxy", () => proxy.close());
  return { engine, proxy };
}

async function startGitHub(
  cleanup: Cleanup,
  directory: string,
  tell: (text: string) => void,
): Promise<LocalGitHub> {
  tell("starting the local GitHub");
  const github = await startLocalGitHub({ directory, port: await freePort(PORTS.github) });
  cleanup.add("GitHub", () => github.close());
  return github;
}

async function startSkep(
  cleanup: Cleanup,
  parts: {
    readonly dir: string;
    readonly engine: Engine;
    readonly github: LocalGitHub;
    readonly network: string;
    readonly signal: AbortSignal;
  },
): Promise<SkepProcess> {
  const { github } = parts;
  const port = await freePort(PORTS.skep);
  github.setWebhookUrl(`http://127.0.0.1:${port}/api/github/webhooks`);
  const skep = await startSkepProcess({
    port,
    logFile: join(parts.dir, "skep.log"),
    signal: parts.signal,
    env: {
      APP_ID: String(github.app.id),
      PRIVATE_KEY: github.app.privateKey,
      WEBHOOK_SECRET: github.app.webhookSecret,
      GHE_HOST: new URL(github.url).host,
      GHE_PROTOCOL: "http",
      HOST: "127.0.0.1",
      SKEP_URL: `http://127.0.0.1:${port}`,
      SKEP_DATA: join(parts.dir, "skep"),
      SKEP_NETWORK: parts.network,
      SKEP_OPEN_ON_LOOPBACK: "1",
      // Nothing of what still runs at the end would outlive it.
      SKEP_SHUTDOWN_TIMEOUT: "2",
      DOCKER_HOST: `unix://${parts.engine.socketPath}`,
    },
  });
  cleanup.add("Skep", () => skep.stop());
  return skep;
}

/** The port itself when it is free on the loopback, else any free one. */
async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const server = createServer();
    const found = await new Promise<number | null>((resolve) => {
      server.once("error", () => resolve(null));
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        resolve(address !== null && typeof address === "object" ? address.port : null);
      });
    });
    await new Promise((resolve) => server.close(resolve));
    if (found !== null) return found;
  }
  throw new Error("starting the sandbox: no port is free on 127.0.0.1");
}
