import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeTempDir } from "./temp-dir.ts";

/** A Redis of its own, reached by a Unix socket only. */
export interface PrivateRedis {
  readonly socketPath: string;
  /** The server's process, for tests that pause or kill it. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a redis-server that keeps nothing on disk; it ends with the test process at the latest. */
export async function startRedis(): Promise<PrivateRedis> {
  const dir = await makeTempDir();
  const socketPath = join(dir.path, "redis.sock");
  const settings = ["--port", "0", "--unixsocket", socketPath, "--dir", dir.path];
  const durability = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "redis-server", ...settings, ...durability],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await readUntilReady(child);
  return {
    socketPath,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
      await dir.remove();
    },
  };
}

async function readUntilReady(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error("redis-server has no output");
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`;
    if (line.includes("eady to accept connections")) {
      child.stdout.resume();
      return;
    }
  }
  throw new Error(`redis-server ended before it was ready:\n${text}`);
}
