import { findStuckTask } from "../rollout/stuck-slot.ts";
import { isJob } from "../../service-kinds.ts";
import type { RolloutObservation } from "../rollout/history.ts";
import type { StackJudgeRequest } from "../rollout/judge-stack.ts";
import type { Swarm } from "../ports.ts";
import type { Run } from "../run.ts";

/** Swarm gets this long to go on by itself. */
const PATIENCE_MS = 1_000;
const MOST_NUDGES = 3;

/**
 * Gets slots going that wait for a task which never ran: a forced update makes Swarm replace the waiting task at once,
 * instead of after a minute in which the app is away.
 */
export function createNudge(
  run: Pick<Run, "say"> & { readonly deps: { readonly swarm: Pick<Swarm, "updateService"> } },
): (observation: RolloutObservation) => Promise<void> {
  let stuck: { readonly taskId: string; readonly since: number } | null = null;
  let nudges = 0;
  return async ({ service, tasks, now }) => {
    const task = findStuckTask(tasks);
    if (task === null || service === null) {
      stuck = null;
      return;
    }
    if (stuck?.taskId !== task.id) stuck = { taskId: task.id, since: now };
    if (now - stuck.since < PATIENCE_MS || nudges >= MOST_NUDGES) return;
    nudges += 1;
    stuck = null;
    run.say("a task waits for one that never ran: forcing Swarm to go on");
    const { TaskTemplate } = service.spec;
    const forced = { ...TaskTemplate, ForceUpdate: TaskTemplate.ForceUpdate + 1 };
    await run.deps.swarm.updateService(service, { ...service.spec, TaskTemplate: forced });
  };
}

/** The same for every service of a stack, each with its own patience. */
export function createNudges(run: Run): (request: StackJudgeRequest) => Promise<void> {
  const nudges = new Map<string, ReturnType<typeof createNudge>>();
  return async ({ services }) => {
    for (const [name, { observation }] of Object.entries(services)) {
      // A forced job runs again.
      if (observation.service && isJob(observation.service.spec)) continue;
      const nudge = nudges.get(name) ?? createNudge(run);
      nudges.set(name, nudge);
      await nudge(observation);
    }
  };
}
