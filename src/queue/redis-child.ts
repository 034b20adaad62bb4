import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { SkepError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { killLeftover, processStartTime } from "./leftover-process.ts";

/** A Redis of Skep's own, reached by a Unix socket only. */
export interface PrivateRedis {
  readonly socketPath: string;
  /** Ends it and does not start it again. */
  close(): Promise<void>;
}

interface RedisChildDeps {
  /** A folder for its socket and process file; nobody else uses it. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const READY_TIMEOUT_MS = 10_000;
const POLL_MS = 5;
const MAX_PAUSE_MS = 5_000;
// Longer paths do not fit into a socket's address on Linux (108 bytes) and macOS (104).
const MAX_SOCKET_PATH = 100;

/**
 * Starts a private `redis-server` that keeps nothing on disk, and starts it again whenever it dies. One that an
 * earlier, killed Skep left in the same folder is ended first. Throws `redis_unavailable` when it cannot be started.
 */
export async function startRedis(deps: RedisChildDeps): Promise<PrivateRedis> {
  const socketPath = join(deps.dir, "redis.sock");
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH)
    throw new SkepError("settings_invalid", `starting Redis: the path ${socketPath} is too long`, {
      nextStep: "Choose a data folder with a shorter path (SKEP_DATA), or set REDIS_URL.",
    });
  await mkdir(deps.dir, { recursive: true, mode: 0o700 });
  const pidFile = join(deps.dir, "redis.pid");
  await killLeftover(pidFile, deps.clock);

  let isClosing = false;
  let child = await launch(deps, socketPath, pidFile);
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);

  async function supervise(): Promise<void> {
    for (let pause = 50; !isClosing; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      const livedFrom = deps.clock.now();
      await exited(child);
      if (isClosing) return;
      deps.log.warn({ code: child.exitCode, signal: child.signalCode }, "private Redis died");
      if (deps.clock.now() - livedFrom > MAX_PAUSE_MS) pause = 50;
      await deps.clock.sleep(pause);
      if (isClosing) return;
      child = await launch(deps, socketPath, pidFile).catch(() => child);
    }
  }
  const supervised = supervise();

  return {
    socketPath,
    async close() {
      isClosing = true;
      kill();
      await exited(child);
      await supervised;
      // The loop may have started one more just before it saw the end coming.
      kill();
      await exited(child);
      process.off("exit", kill);
      await Promise.all([rm(pidFile, { force: true }), rm(socketPath, { force: true })]);
    },
  };
}

/** Starts it so that it dies with Skep, where the system can do that; else the process file has to do. */
async function launch(deps: RedisChildDeps, socketPath: string, pidFile: string) {
  const prefix = ["setpriv", "--pdeathsig", "KILL"];
  try {
    return await launchWith(prefix, { deps, socketPath, pidFile });
  } catch {
    return await launchWith([], { deps, socketPath, pidFile });
  }
}

async function launchWith(
  prefix: readonly string[],
  place: { readonly deps: RedisChildDeps; readonly socketPath: string; readonly pidFile: string },
) {
  const { deps, socketPath, pidFile } = place;
  const address = ["--port", "0", "--unixsocket", socketPath, "--unixsocketperm", "700"];
  const memory = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
  const output = ["--daemonize", "no", "--loglevel", "warning", "--dir", deps.dir];
  const [command = "", ...args] = [...prefix, "redis-server", ...address, ...memory, ...output];
  // A group of its own: Ctrl-C ends Skep, which still needs Redis to end its work.
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], detached: true });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-2_000);
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(notStarted(error)));
    child.once("exit", () => reject(endedEarly(said)));
  });
  failed.catch(() => undefined);
  await Promise.race([untilReady(deps, socketPath), failed]).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  const { pid = 0 } = child;
  await writeFile(pidFile, JSON.stringify({ pid, startTime: await processStartTime(pid) }));
  return child;
}

async function untilReady(deps: RedisChildDeps, socketPath: string): Promise<void> {
  const givesUpAt = deps.clock.now() + READY_TIMEOUT_MS;
  while (!(await answersPing(socketPath))) {
    if (deps.clock.now() > givesUpAt) throw endedEarly("it does not answer");
    await deps.clock.sleep(POLL_MS);
  }
}

function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const end = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (data) => end(data.toString("latin1").startsWith("+PONG")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
}

function notStarted(error: NodeJS.ErrnoException): SkepError {
  const isMissing = error.code === "ENOENT";
  const cause = isMissing ? "redis-server is not installed" : error.message;
  return new SkepError("redis_unavailable", `starting the private Redis: ${cause}`, {
    cause: error,
    nextStep: isMissing
      ? "Install it (Debian and Ubuntu: apt install redis-server), or set REDIS_URL to one that runs."
      : "Mend the cause, or set REDIS_URL to a Redis that runs.",
  });
}

function endedEarly(said: string): SkepError {
  const evidence = said.split("\n").filter((line) => line !== "");
  return new SkepError("redis_unavailable", "starting the private Redis: it ended at once", {
    evidence: evidence.slice(-5),
    nextStep: "Look at what it said, or set REDIS_URL to a Redis that runs.",
  });
}
