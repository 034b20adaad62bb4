import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import { checkMachine, rootPrefix } from "./privilege.ts";
import { type EngineRecord, parseRecord, readProcess } from "./record.ts";

const KEEPER = join(import.meta.dirname, "keeper.sh");
const START_DEADLINE_MS = 60_000;
/** A Unix socket's path has 107 bytes at most. */
const MAX_SOCKET_PATH = 107;

/** A private Docker Engine that is the one manager of its own Swarm. */
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
  /** The host name of the engine's only node. */
  readonly name: string;
}

/**
 * Starts a Docker Engine that shares nothing with any other on this machine (socket, data,
 * containerd, network, firewall, host name) and makes it a Swarm. It ends with this process,
 * however that ends. Rejects, saying what is missing, where such an engine cannot run.
 */
export async function startEngine({ dir, name }: EngineOptions): Promise<Engine> {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/u.test(name)) {
    throw new Error(`starting engine "${name}": a name is lower-case letters, digits and dashes`);
  }
  const dockerd = await checkMachine();
  const prefix = await rootPrefix();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const home = await realpath(dir);
  const socketPath = join(home, "docker.sock");
  await checkFolder(home, socketPath);

  const keeper = await spawnKeeper(prefix, [home, name, dockerd]);
  try {
    const record = await Promise.race([readFirstLine(keeper), failure(keeper)]);
    const docker = new Docker({ socketPath });
    await Promise.race([makeSwarm(docker, record.address), failure(keeper)]);
    return {
      name,
      dir: home,
      socketPath,
      address: record.address,
      stop: () => stop(keeper.child, home),
    };
  } catch (cause) {
    const log = await readFile(join(home, "dockerd.log"), "utf8").catch(() => "");
    await stop(keeper.child, home);
    throw new Error(`starting a private Docker Engine: ${explain(cause, log)}`, { cause });
  }
}

interface Keeper {
  readonly child: ChildProcess;
  readonly complaint: () => string;
}

async function spawnKeeper(prefix: readonly string[], words: readonly string[]): Promise<Keeper> {
  const gid = String(process.getgid?.() ?? 0);
  const starter = (await readProcess("self")) ?? "";
  const [command, ...args] = [...prefix, "bash", KEEPER, "start", ...words, gid, starter];
  // Detached, so that Ctrl-C in a terminal reaches us alone and we decide the order of the end.
  const child = spawn(command ?? "bash", args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  child.stdin.on("error", () => undefined);
  await once(child, "spawn");
  return { child, complaint: () => complaint };
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

async function readFirstLine({ child }: Keeper): Promise<EngineRecord> {
  if (child.stdout === null) throw new Error("the keeper has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return parseRecord(line);
  }
  // The keeper ended without a word; `failure` tells why.
  return new Promise<never>(() => undefined);
}

async function failure(keeper: Keeper): Promise<never> {
  await once(keeper.child, "close");
  throw new Error(keeper.complaint().trim() || "its process ended");
}

async function makeSwarm(docker: Docker, address: string): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const isReady = await docker.ping().then(
      () => true,
      () => false,
    );
    if (isReady) break;
    if (Date.now() > deadline) {
      throw new Error(`it does not answer after ${START_DEADLINE_MS / 1_000} s`);
    }
    await delay(15);
  }
  await docker.swarmInit({
    ListenAddr: `${address}:2377`,
    AdvertiseAddr: address,
    ForceNewCluster: false,
    Spec: {},
  });
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, "close");
    child.stdin?.end();
    await closed;
  }
  await rm(dir, { recursive: true, force: true });
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
