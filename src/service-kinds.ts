import type { ServiceSpec } from "./swarm-objects.ts";

/** Whether the service runs one task on every node that takes it. */
export function isGlobal({ Mode }: ServiceSpec): boolean {
  return Mode.Global !== undefined || Mode.GlobalJob !== undefined;
}

/** Whether the service is a job: its tasks shall end. Any update of a job, even of a label, runs it again. */
export function isJob({ Mode }: ServiceSpec): boolean {
  return Mode.ReplicatedJob !== undefined || Mode.GlobalJob !== undefined;
}

/**
 * Whether a task that ends with exit code 0 has done what it was for: those of jobs, and those of services that Swarm is
 * told never to start again. What publishes a port or has a health check is there to serve, whatever its policy: that it
 * ended is no success. Nor is it with `on-failure`, which is said of servers as well.
 */
export function mayComplete(spec: ServiceSpec): boolean {
  const { RestartPolicy, ContainerSpec } = spec.TaskTemplate;
  const [check = "NONE"] = ContainerSpec.Healthcheck?.Test ?? [];
  const serves = check !== "NONE" || (spec.EndpointSpec.Ports ?? []).length > 0;
  return isJob(spec) || (RestartPolicy?.Condition === "none" && !serves);
}
