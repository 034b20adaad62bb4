import { z } from "zod";
import type { LiveTask } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { readAnswer } from "./engine-failure.ts";

const OUTPUT_LINES = 20;
const MOST_REMEMBERED = 1_000;

const healthAnswer = z.object({
  State: z.object({
    Health: z
      .object({ Status: z.string(), Log: z.array(z.object({ Output: z.string() })).nullable() })
      .nullish(),
  }),
});

type Health = NonNullable<z.infer<typeof healthAnswer>["State"]["Health"]>;

/** What the health checks of tasks know beyond what Swarm tells. Only of containers on this engine. */
export interface ContainerHealth {
  /** What the health check printed last. */
  output(task: LiveTask): Promise<readonly string[]>;
  /** The tasks, with the cause of those that ended because they were unhealthy. */
  explain(tasks: readonly LiveTask[]): Promise<readonly LiveTask[]>;
}

/** Reads health from the containers of tasks. */
export function createContainerHealth(client: DockerClient): ContainerHealth {
  const wasUnhealthy = new Map<string, boolean>();

  /** A server that ends politely when Swarm stops it for its health is `complete` to Swarm, without a word why. */
  async function explainTask(task: LiveTask): Promise<LiveTask> {
    if (task.state !== "complete" || task.error !== "" || task.containerId === null) return task;
    let isUnhealthy = wasUnhealthy.get(task.id);
    if (isUnhealthy === undefined) {
      isUnhealthy = (await readHealth(client, task))?.Status === "unhealthy";
      if (wasUnhealthy.size >= MOST_REMEMBERED) wasUnhealthy.clear();
      wasUnhealthy.set(task.id, isUnhealthy);
    }
    return isUnhealthy ? { ...task, error: "unhealthy container" } : task;
  }

  return {
    explain: async (tasks) => await Promise.all(tasks.map(explainTask)),
    output: async (task) => {
      const log = (await readHealth(client, task))?.Log ?? [];
      const output = log.findLast(({ Output }) => isTelling(Output))?.Output ?? "";
      const lines = output.split(/\r?\n/u).filter((line) => line.trim() !== "");
      return lines.slice(-OUTPUT_LINES);
    },
  };
}

/** The last check may have met the container as it stopped; that says nothing about why. */
function isTelling(output: string): boolean {
  return output.trim() !== "" && !/cannot exec in a stopped/iu.test(output);
}

async function readHealth(client: DockerClient, task: LiveTask): Promise<Health | null> {
  if (task.containerId === null) return null;
  const action = `reading the health of task ${task.id}`;
  const path = `/containers/${encodeURIComponent(task.containerId)}/json`;
  const answer = await client.request({ action, method: "GET", path });
  // Health is evidence: not to have it must not hide what it is evidence of.
  if (answer.kind === "refused") return null;
  return readAnswer(healthAnswer, answer.body, action).State.Health ?? null;
}
