import { z } from "zod";
import { readApplied, type Applied } from "../applied.ts";
import type { StepResult } from "../machine.ts";
import { isJob } from "../../service-kinds.ts";
import type { LiveService } from "../ports.ts";
import type { Run } from "../run.ts";
import { modeOf, SKEP_LABELS, type ServiceSpec } from "../../swarm-objects.ts";

/** What has to be done about one service to bring back what ran before. */
type Move =
  | { readonly kind: "update"; readonly live: LiveService; readonly previous: ServiceSpec }
  /** The Swarm changes no service's mode. */
  | { readonly kind: "recreate"; readonly previous: ServiceSpec }
  | { readonly kind: "create"; readonly previous: ServiceSpec }
  | { readonly kind: "remove"; readonly name: string };

const sent = z.object({ moves: z.array(z.string()) });

/**
 * Sends the specs that ran before, of every service that this deployment changed, unless Swarm has gone back by itself;
 * creates again what was removed, and removes what never ran.
 */
export async function restorePrevious(run: Run): Promise<StepResult> {
  const { id, stackName } = run.deployment();
  const applied = readApplied(run);
  if (!applied) return { kind: "no_previous" };
  const { services } = await run.deps.swarm.stack(stackName);
  const moves = movesOf(applied, services, id);
  const before = sentBefore(run);
  const isTouched = before.length > 0 || hasChanged(applied, services);
  if (moves.length > 0) {
    const names = [...new Set([...before, ...moves.flatMap(nameOf)])];
    await run.effect("restore", { moves: names }, async () => {
      for (const move of moves) await make(run, move);
    });
  }
  if (!isTouched && moves.every(({ kind }) => kind === "remove")) return { kind: "no_previous" };
  if (moves.length > 0) return { kind: "done", note: "previous release sent" };
  return { kind: "done", note: before.length > 0 ? null : "Swarm went back by itself" };
}

/** Names of the services that an interrupted restore sent. */
function sentBefore(run: Run): readonly string[] {
  const entry = run.journalEntry("restore");
  return entry === null ? [] : sent.parse(entry.data).moves;
}

/** The moves that bring back what ran before. A service of another deployment's was taken back already. Pure. */
export function movesOf(
  applied: Applied,
  services: readonly LiveService[],
  deploymentId: string,
): readonly Move[] {
  const byName = new Map(services.map((live) => [live.spec.Name, live]));
  const changed = Object.entries(applied.services).flatMap(
    ([name, { previous, version }]): Move[] => {
      const live = byName.get(name);
      if (previous === null) return live ? [{ kind: "remove", name }] : [];
      if (live === undefined) return [{ kind: "create", previous }];
      const isOurs = live.spec.Labels[SKEP_LABELS.deployment] === deploymentId;
      if (!isOurs || live.version === version) return [];
      // Sent again, a job runs again, and what it did is not undone by that.
      if (isJob(live.spec) || isJob(previous)) return [];
      if (modeOf(live.spec) !== modeOf(previous)) return [{ kind: "recreate", previous }];
      return [{ kind: "update", live, previous }];
    },
  );
  const removed = Object.entries(applied.removed)
    .filter(([name]) => !byName.has(name))
    .map(([, previous]): Move => ({ kind: "create", previous }));
  // What was created for the new release may hold a port that the old one wants.
  const order = { remove: 0, recreate: 1, update: 2, create: 3 };
  return [...changed, ...removed].toSorted((one, other) => order[one.kind] - order[other.kind]);
}

/** Whether a service that ran before was changed, by this deployment or (taking that back) by Swarm. */
function hasChanged(applied: Applied, services: readonly LiveService[]): boolean {
  const byName = new Map(services.map((live) => [live.spec.Name, live]));
  return Object.entries(applied.services).some(
    ([name, { previous, version }]) =>
      previous !== null && !isJob(previous) && byName.get(name)?.version !== version,
  );
}

/** What is watched afterwards: nothing for what is removed. */
function nameOf(move: Move): readonly string[] {
  return move.kind === "remove" ? [] : [move.previous.Name];
}

async function make(run: Run, move: Move): Promise<void> {
  const { swarm } = run.deps;
  switch (move.kind) {
    case "update":
      return await swarm.updateService(move.live, move.previous);
    case "recreate":
      await swarm.removeService(move.previous.Name);
      return void (await swarm.createService(move.previous));
    case "create":
      return void (await swarm.createService(move.previous));
    case "remove":
      await swarm.removeService(move.name);
      return run.say(`removed service ${move.name}: it did not run before`);
  }
}
