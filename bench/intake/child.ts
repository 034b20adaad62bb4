import { fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Cleanup } from "../../sandbox/cleanup.ts";

/** A program of the bench that runs as a process of its own and is spoken to. */
export interface Child {
  /** Sends a message and resolves with the next one of that kind; rejects when the process ends first. */
  ask(message: object, kind: string): Promise<object>;
  /** Sends a message that asks it to end, and waits. */
  end(message: object): Promise<void>;
  /** What its first message said. */
  readonly ready: object;
}

/** Starts the program and waits until it is ready; its output goes to `logFile`. */
export async function startChild(
  cleanup: Cleanup,
  program: {
    readonly url: URL;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly logFile: string;
  },
): Promise<Child> {
  const child = fork(program.url, [...program.args], {
    env: { PATH: process.env["PATH"] ?? "", ...program.env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
  });
  const log = createWriteStream(program.logFile, { flags: "a" });
  child.stdout?.pipe(log);
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const exited = once(child, "exit");
  cleanup.add(program.url.pathname, async () => {
    if (child.connected) child.disconnect();
    await exited;
  });

  async function next(kind: string): Promise<object> {
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    const onMessage = (message: unknown): void => {
      if (typeof message !== "object" || message === null || !("kind" in message)) return;
      if (message.kind === kind) resolve(message);
      else if (message.kind === "failed") reject(new Error(JSON.stringify(message)));
    };
    const onExit = (): void => reject(new Error(`${program.url.pathname} ended:\n${complaint}`));
    child.on("message", onMessage).once("exit", onExit);
    try {
      return await promise;
    } finally {
      child.off("message", onMessage).off("exit", onExit);
    }
  }

  return {
    ready: await next("ready"),
    async ask(message, kind) {
      const answer = next(kind);
      child.send(message);
      return answer;
    },
    async end(message) {
      child.send(message);
      await exited;
    },
  };
}
