import { mkdir, readdir, readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import type { Hub } from "./hub.ts";
import { startKeeper } from "./keeper.ts";
import { checkMachine } from "./privilege.ts";
import { parseRecord, readProcess } from "./record.ts";

const START_DEADLINE_MS = 60_000;
/** A Unix socket's path has 107 bytes at most. */
const MAX_SOCKET_PATH = 107;

/** A private Docker Engine. */
export interface Engine {
  readonly name: string;
  /** The engine's folder: its data, its log (`dockerd.log`) and its socket; gone after `stop`. */
  readonly dir: string;
  readonly socketPath: string;
  /** Where this machine reaches the ports that tasks publish with `mode: host`. */
  readonly address: string;
  /** Ends every process, container, mount, link and file of the engine; safe to call twice. */
  stop(): Promise<void>;
}

/** Where a private engine lives and what it is called. */
export interface EngineOptions {
  /** The folder to create; must not exist or be empty. All of it is deleted on `stop`. */
  readonly dir: string;
  /** Its host name. */
  readonly name: string;
}

/** A private engine that meets others at a hub. */
export interface NodeOptions extends EngineOptions {
  readonly hub: Hub;
  /** Which of the hub's places it takes; decides its address. */
  readonly place: 1 | 2 | 3;
  /** Its images and what it knows of its Swarm: outlives it, so that it can be started again. */
  readonly data: string;
}

/** What is done with an engine that answers before it is handed out. */
type Prepare = (docker: Docker, address: string) => Promise<unknown>;

/**
 * Starts a Docker Engine that shares nothing with any other on this machine (socket, data,
 * containerd, network, firewall, host name) and makes it a Swarm. It ends with this process,
 * however that ends. Rejects, saying what is missing, where such an engine cannot run.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  return start(options, (docker, address) => docker.swarmInit(swarmAt(address)));
}

/** Starts a private engine that meets others at a hub; it is in the Swarm that its data knows, or in none. */
export async function startNode(options: NodeOptions): Promise<Engine> {
  return start(options, () => Promise.resolve());
}

/** The body of the call that makes an engine the first manager of a Swarm. */
export function swarmAt(address: string) {
  return {
    ListenAddr: `${address}:2377`,
    AdvertiseAddr: address,
    ForceNewCluster: false,
    Spec: {},
  };
}

async function start(options: EngineOptions | NodeOptions, prepare: Prepare): Promise<Engine> {
  const { dir, name } = options;
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/u.test(name)) {
    throw new Error(`starting engine "${name}": a name is lower-case letters, digits and dashes`);
  }
  const dockerd = await checkMachine();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const home = await realpath(dir);
  const socketPath = join(home, "docker.sock");
  await checkFolder(home, socketPath);

  const gid = String(process.getgid?.() ?? 0);
  const starter = (await readProcess("self")) ?? "";
  const words = ["start", home, name, dockerd, gid, starter];
  const keeper =
    "hub" in options
      ? await startKeeper(
          [...words, options.data, String(options.hub.piece + options.place)],
          options.hub.within,
        )
      : await startKeeper([...words, join(home, "data")]);
  const stop = async (): Promise<void> => {
    await keeper.stop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const { address } = parseRecord(await keeper.firstLine);
    const docker = new Docker({ socketPath });
    await Promise.race([untilReady(docker), keeper.failure]);
    await Promise.race([prepare(docker, address), keeper.failure]);
    return { name, dir: home, socketPath, address, stop };
  } catch (cause) {
    const log = await readFile(join(home, "dockerd.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`starting a private Docker Engine: ${explain(cause, log)}`, { cause });
  }
}

async function checkFolder(home: string, socketPath: string): Promise<void> {
  if ((await readdir(home)).length > 0) {
    throw new Error(
      `starting a private Docker Engine in ${home}: the folder is not empty: choose another one, all of it is deleted in the end`,
    );
  }
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH) {
    throw new Error(
      `starting a private Docker Engine in ${home}: the path is too long for a socket: choose a shorter one`,
    );
  }
  if (/^\/(?:run|etc|opt)(?:\/|$)/u.test(home)) {
    throw new Error(
      `starting a private Docker Engine in ${home}: /run, /etc and /opt are private to the engine: choose another folder`,
    );
  }
}

async function untilReady(docker: Docker): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const isReady = await docker.ping().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    if (Date.now() > deadline) {
      throw new Error(`it does not answer after ${START_DEADLINE_MS / 1_000} s`);
    }
    await delay(15);
  }
}

/** Of the keeper's words and the engine's log, the lines that say what is wrong. */
function explain(cause: unknown, log: string): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const hint = /operation not permitted|permission denied/iu.test(message)
    ? ": this machine does not let even root make namespaces and mounts (a container without privileges?): use a virtual machine or a privileged container"
    : "";
  const lines = `${message}${hint}\n${log}`.split("\n");
  return lines
    .filter((line) => line !== "" && !/level=(?:info|debug|warning)/u.test(line))
    .join("\n");
}
