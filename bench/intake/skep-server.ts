// Run as a program by the intake bench: the whole of Skep, and on demand a build beside it that never stops talking.
import { join } from "node:path";
import { setInterval } from "node:timers";
import { createSystemClock } from "../../src/clock.ts";
import { readSettings } from "../../src/env.ts";
import { createLogger } from "../../src/logger.ts";
import { createLogStore } from "../../src/logs/log-store.ts";
import type { LogEntry } from "../../src/logs/ports.ts";
import { startSkep } from "../../src/skep.ts";

const TICK_MS = 10;

const settings = readSettings(process.env);
if (settings.mode !== "run") throw new Error("the bench gives Skep its App");
const log = createLogger(settings.logLevel);
const skep = await startSkep(settings, log);
const clock = createSystemClock();
const logs = await createLogStore({ file: join(settings.dataDir, "flood.db"), clock, log });

let appended = 0;

function line(): LogEntry {
  const text = `#12 ${(++appended / 1000).toFixed(3)} compiling module ${appended} of the app`;
  return {
    at: clock.now(),
    phase: "build",
    stream: "build",
    source: "RUN make",
    level: "info",
    text,
  };
}

let flooding: NodeJS.Timeout | undefined;

function flood(linesPerSecond: number): void {
  const startedAt = clock.now();
  const before = appended;
  flooding = setInterval(() => {
    const due = before + ((clock.now() - startedAt) * linesPerSecond) / 1_000;
    while (appended < due) logs.append("dep_flood", [line()]);
  }, TICK_MS);
}

async function handle(message: unknown): Promise<void> {
  if (typeof message !== "object" || message === null || !("kind" in message)) return;
  if (message.kind === "flood" && "linesPerSecond" in message) {
    flood(Number(message.linesPerSecond));
    process.send?.({ kind: "flooding" });
    return;
  }
  if (message.kind === "count") {
    clearInterval(flooding);
    process.send?.({ kind: "counted", appended, stored: await logs.lastSeq("dep_flood") });
    return;
  }
  if (message.kind !== "end") return;
  await logs.close();
  await skep.close();
  process.exit(0);
}

process.on("message", (message) => void handle(message));
process.once("disconnect", () => process.exit(0));
process.send?.({ kind: "ready" });
