import { z } from "zod";
import { SkepError } from "../../errors.ts";
import type { LiveTask, ServiceLine, Swarm } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { readServiceLines, type StampedLine } from "./service-lines.ts";

const LINES_LIMIT_MS = 5_000;
const RECONNECT_MS = 1_000;
const SECOND = 1_000_000_000n;
const FORMAT = { stdout: true, stderr: true, timestamps: true, details: true } as const;

const timeAnswer = z.object({ SystemTime: z.string() });
/** What the tasks of services print. */
export function createServiceOutput(client: DockerClient): Pick<Swarm, "taskLines" | "follow"> {
  return {
    taskLines: async (task, count) => await readTaskLines(client, task, count),
    follow: async (serviceName, onLine, signal) => {
      try {
        await follow(client, serviceName, onLine, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}

/** Lines are evidence, so whatever goes wrong with them must not hide what they are evidence of. */
async function readTaskLines(
  client: DockerClient,
  task: LiveTask,
  count: number,
): Promise<readonly ServiceLine[]> {
  const lines: ServiceLine[] = [];
  try {
    const answer = await client.stream({
      action: `reading the output of task ${task.id}`,
      method: "GET",
      path: `/tasks/${encodeURIComponent(task.id)}/logs`,
      query: { ...FORMAT, tail: count },
      signal: client.clock.deadline(LINES_LIMIT_MS),
    });
    if (answer.kind === "refused") return [];
    for await (const { line } of readServiceLines(answer.body)) lines.push(line);
  } catch {
    // What came before the deadline is better than nothing.
  }
  return lines.slice(-count);
}

/** The engine ends the stream when the service or a node goes away; it is opened again where it broke off. */
async function follow(
  client: DockerClient,
  serviceName: string,
  onLine: (line: ServiceLine) => void,
  signal: AbortSignal,
): Promise<void> {
  let since = nanoseconds(await readEngineTime(client));
  for (;;) {
    try {
      for await (const { line, stamp } of openLines(client, serviceName, since, signal)) {
        const at = nanoseconds(stamp);
        if (at >= since) since = at + 1n;
        onLine(line);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SkepError && !error.retryable) throw error;
    }
    await client.clock.sleep(RECONNECT_MS, signal);
  }
}

async function* openLines(
  client: DockerClient,
  serviceName: string,
  since: bigint,
  signal: AbortSignal,
): AsyncGenerator<StampedLine> {
  const action = `following the output of service ${serviceName}`;
  const answer = await client.stream({
    action,
    method: "GET",
    path: `/services/${encodeURIComponent(serviceName)}/logs`,
    query: { ...FORMAT, follow: true, since: toQuery(since) },
    signal,
  });
  if (answer.kind === "ok") yield* readServiceLines(answer.body);
  else if (answer.status !== 404) throw refusalError(action, answer);
}

/** `since` is the engine's time, because this machine's may differ; tail=0 would lose the first lines of new tasks. */
async function readEngineTime(client: DockerClient): Promise<string> {
  const action = "reading the engine's time";
  const answer = await client.request({ action, method: "GET", path: "/info" });
  if (answer.kind === "refused") throw refusalError(action, answer);
  return readAnswer(timeAnswer, answer.body, action).SystemTime;
}

/** Nanoseconds since the epoch; `Date` has milliseconds only. */
function nanoseconds(stamp: string): bigint {
  const seconds = BigInt(Math.floor(Date.parse(stamp) / 1000));
  const fraction = /\.(\d{1,9})/u.exec(stamp)?.[1] ?? "";
  return seconds * SECOND + BigInt(fraction.padEnd(9, "0"));
}

/** `<seconds>.<nanoseconds>`, the only form in which the engine takes nanoseconds. */
function toQuery(time: bigint): string {
  return `${time / SECOND}.${String(time % SECOND).padStart(9, "0")}`;
}
