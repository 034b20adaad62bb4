import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const READY_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 15_000;

/** Skep as a process of its own, as an operator runs it. */
export interface SkepProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves with how it ended. */
  readonly exited: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }>;
  /** The last lines that it wrote. */
  lastLines(): string;
  /** Asks it to end and waits; a process that does not is killed. */
  stop(): Promise<void>;
}

/**
 * Starts Skep with these settings and waits until it is ready; it dies with this process. Its log goes to `logFile`.
 * When it ends early, or the signal aborts first, it rejects and nothing is left running.
 */
export async function startSkepProcess(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly port: number;
  readonly signal?: AbortSignal;
}): Promise<SkepProcess> {
  const log = createWriteStream(options.logFile, { flags: "a" });
  const command = ["--pdeathsig", "KILL", process.execPath, MAIN, "start"];
  const child = spawn("setpriv", command, {
    env: { PATH: process.env["PATH"] ?? "", ...options.env, PORT: String(options.port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > 20) lines.shift();
      log.write(`${line}\n`);
    });
  }
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const lastLines = (): string => lines.join("\n");
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
    await exited;
    clearTimeout(killer);
    log.end();
  };
  const ended = new AbortController();
  void exited.then(({ code, signal }) => {
    const how = signal ?? `exit code ${code}`;
    ended.abort(new Error(`starting Skep: it ended with ${how}:\n${lastLines()}`));
  });
  const url = `http://127.0.0.1:${options.port}`;
  const interrupts = [ended.signal, ...(options.signal ? [options.signal] : [])];
  try {
    await waitUntilReady(url, AbortSignal.any(interrupts));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, child, exited, lastLines, stop };
}

async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    signal.throwIfAborted();
    if (isReady) return;
    if (Date.now() > deadline) throw new Error("starting Skep: it is not ready after 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
