import type { GuardedService } from "./bodies.ts";
import { ask, type GuardedObject, type GuardView } from "./finding.ts";

const MIB = 1024 * 1024;

/** How many services a stack may have. */
export function checkServiceCount(view: GuardView, count: number): void {
  const most = view.rules.limits.services;
  if (most === null || count <= most) return;
  view.refuse(
    "services",
    `has ${count} services; the operator allows ${most}`,
    ask("limits.services", `${count}`),
  );
}

/** How much a service may take of the nodes. */
export function checkLimits(view: GuardView, { key, body }: GuardedObject<GuardedService>): void {
  const { limits } = view.rules;
  const { Limits: limit, Reservations: reservation } = body.TaskTemplate.Resources ?? {};
  const check = (name: string, most: number | null, amounts: Amounts): void => {
    if (most !== null) checkAmount(view, `${key}.deploy.resources`, { name, most, ...amounts });
  };
  check("cpus", limits.nanoCpus, {
    limit: limit?.NanoCPUs ?? 0,
    reserved: reservation?.NanoCPUs ?? 0,
    show: (nano) => `${nano / 1e9}`,
  });
  check("memory", limits.memoryBytes, {
    limit: limit?.MemoryBytes ?? 0,
    reserved: reservation?.MemoryBytes ?? 0,
    show: (bytes) => `${bytes / MIB}M`,
  });
  const replicas = replicasOf(body);
  if (limits.replicas !== null && !(replicas <= limits.replicas)) {
    view.refuse(
      `${key}.deploy.replicas`,
      `has ${replicas} replicas; the operator allows ${limits.replicas}`,
      ask("limits.replicas", `${replicas}`, "lower them"),
    );
  }
}

interface Amounts {
  /** 0 for none. */
  readonly limit: number;
  readonly reserved: number;
  readonly show: (amount: number) => string;
}

function checkAmount(
  view: GuardView,
  place: string,
  { name, most, limit, reserved, show }: Amounts & { readonly name: string; readonly most: number },
): void {
  const advice = ask(`limits.${name}`, "more", `write \`limits.${name}: ${show(most)}\` or less`);
  if (!(limit > 0)) {
    const problem = `has no limit of ${name}; the operator allows ${show(most)} a task`;
    view.refuse(place, problem, advice);
  } else if (limit > most) {
    const problem = `may use ${name} up to ${show(limit)}; the operator allows ${show(most)} a task`;
    view.refuse(`${place}.limits.${name}`, problem, advice);
  }
  if (reserved > most) {
    const problem = `reserves ${name} of ${show(reserved)}; the operator allows ${show(most)} a task`;
    view.refuse(
      `${place}.reservations.${name}`,
      problem,
      ask(`limits.${name}`, "more", "lower it"),
    );
  }
}

/** How many tasks run at once; a global service has as many as there are nodes, which nobody can limit. */
function replicasOf({ Mode: mode }: GuardedService): number {
  const job = mode?.ReplicatedJob;
  if (job)
    return Math.max(job.MaxConcurrent ?? 1, job.MaxConcurrent ? 0 : (job.TotalCompletions ?? 1));
  if (mode?.Global || mode?.GlobalJob) return 0;
  return mode?.Replicated?.Replicas ?? 1;
}
