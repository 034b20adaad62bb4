import type { ServiceSpec } from "../../swarm-objects.ts";

/** Whether the service runs one task on every node that takes it. */
export function isGlobal({ Mode }: ServiceSpec): boolean {
  return Mode.Global !== undefined || Mode.GlobalJob !== undefined;
}

/** Whether the service is a job: its tasks shall end. Any update of a job, even of a label, runs it again. */
export function isJob({ Mode }: ServiceSpec): boolean {
  return Mode.ReplicatedJob !== undefined || Mode.GlobalJob !== undefined;
}

/**
 * Whether a task that ends with exit code 0 has done what it was for: those of jobs, and those of services that Swarm
 * is told not to start again after a success.
 */
export function mayComplete(spec: ServiceSpec): boolean {
  const condition = spec.TaskTemplate.RestartPolicy?.Condition;
  return isJob(spec) || condition === "none" || condition === "on-failure";
}
