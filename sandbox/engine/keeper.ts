import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { rootPrefix } from "./privilege.ts";

const KEEPER = join(import.meta.dirname, "keeper.sh");

/** A process that holds something of the machine's, as root, for as long as its starter lives. */
export interface Keeper {
  /** The first line it prints; rejects with its complaint when it ends without one. */
  readonly firstLine: Promise<string>;
  /** Never resolves; rejects with its complaint when it ends. */
  readonly failure: Promise<never>;
  /** Makes it give up all that it holds, and waits for that; safe to call twice. */
  stop(): Promise<void>;
}

/** Starts `keeper.sh` with the words, after those of `within`, such as `nsenter` with its options. */
export async function startKeeper(
  words: readonly string[],
  within: readonly string[] = [],
): Promise<Keeper> {
  const [command, ...args] = [...(await rootPrefix()), ...within, "bash", KEEPER, ...words];
  // Detached, so that Ctrl-C in a terminal reaches us alone and we decide the order of the end.
  const child = spawn(command ?? "bash", args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  child.stdin.on("error", () => undefined);
  await once(child, "spawn");
  const failure = once(child, "close").then(() => {
    throw new Error(complaint.trim() || "its process ended");
  });
  // Whoever waits for it is told; at a wanted end nobody waits.
  failure.catch(() => undefined);
  const firstLine = Promise.race([readFirstLine(child), failure]);
  firstLine.catch(() => undefined);
  return {
    firstLine,
    failure,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
}

async function readFirstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the keeper has no output");
  for await (const line of createInterface({ input: stdout })) {
    stdout.resume();
    return line;
  }
  // The keeper ended without a word; `failure` tells why.
  return new Promise<never>(() => undefined);
}
