import type { ServiceSpec } from "../../swarm-objects.ts";

/** How many tasks a service runs at once. */
export interface TaskCount {
  /** One for each node when the service is global. */
  readonly tasks: number;
  readonly isGlobal: boolean;
}

/** How many tasks a service runs at once; `tasks` is 1 for each node of a global one. */
export function taskCount({ Mode: mode }: ServiceSpec): TaskCount {
  if (mode.Global || mode.GlobalJob) return { tasks: 1, isGlobal: true };
  const job = mode.ReplicatedJob;
  if (job) {
    return { tasks: job.MaxConcurrent || (job.TotalCompletions ?? 1), isGlobal: false };
  }
  return { tasks: mode.Replicated?.Replicas ?? 1, isGlobal: false };
}

/** How many tasks there are while running ones are replaced, at most. */
export function mostTasks(spec: ServiceSpec): number {
  const { tasks, isGlobal } = taskCount(spec);
  const { Order: order, Parallelism: parallelism = 1 } = spec.UpdateConfig ?? {};
  if (isGlobal || order !== "start-first") return tasks;
  return tasks + (parallelism === 0 ? tasks : Math.min(parallelism, tasks));
}
