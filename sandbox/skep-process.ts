import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "../src/main.ts");
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
  /** Asks it to end and waits; a process that does not is killed. */
  stop(): Promise<void>;
}

/** Starts Skep with these settings and waits until it is ready. Its log goes to `logFile`. */
export async function startSkepProcess(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly port: number;
}): Promise<SkepProcess> {
  const log = createWriteStream(options.logFile, { flags: "a" });
  const child = spawn(process.execPath, [MAIN, "start"], {
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
  const url = `http://127.0.0.1:${options.port}`;
  await Promise.race([
    waitUntilReady(url),
    exited.then(({ code, signal }) => {
      const tail = lines.join("\n");
      throw new Error(`starting Skep: it ended with ${signal ?? `exit code ${code}`}:\n${tail}`);
    }),
  ]);
  return {
    url,
    child,
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
      await exited;
      clearTimeout(killer);
      log.end();
    },
  };
}

async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const isReady = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    if (Date.now() > deadline) throw new Error("starting Skep: it is not ready after 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
