import type { Deployment } from "../../src/deployment.ts";
import type { Store } from "../../src/store/ports.ts";
import { REPOSITORY } from "../support/records.ts";
import { LIMITS } from "./process.ts";
import type { Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

/** So soon a run notices that it is cancelled. */
const NOTICED_MS = 1_000;

/** Holds what people asked for in comments against what is promised of that. */
export async function examineWishes(
  world: World,
  scenario: Scenario,
  deployments: readonly Deployment[],
): Promise<void> {
  const store = world.lives.store();
  if (!store) return;
  for (const deployment of deployments) {
    await examineCancel(world, scenario, { store, deployment });
    await examineRollback(world, store, deployment);
  }
  for (const record of await store.catalog.environmentsOf(REPOSITORY.id)) {
    const complain = (text: string): void =>
      world.witness.complain(`${record.environment}: ${text}`);
    const ofLane = deployments.filter(({ environment }) => environment === record.environment);
    const { hold } = record;
    for (const { id, state, origin, createdAt } of ofLane) {
      if (hold === null && state === "waiting") complain(`${id} waits for nothing`);
      const isLater = hold !== null && origin.kind === "push" && createdAt > hold.since;
      if (isLater && !["waiting", "superseded", "refused", "cancelled"].includes(state)) {
        complain(`it is held, and the push of ${id} is ${state}`);
      }
    }
    const last = ofLane
      .filter(({ state }) => state === "succeeded")
      .toSorted((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0))
      .at(-1);
    if (!last) continue;
    if (record.desiredReleaseId !== last.releaseId) {
      complain(`${last.id} ran last, and desired is not its release`);
    }
    const isUndone = deployments.some(
      ({ origin, createdAt }) => origin.kind !== "push" && createdAt > last.createdAt,
    );
    const hasResumed = scenario.happenings.some(
      (event) => event.kind === "comment" && event.wish === "resume",
    );
    if (last.kind === "rollback" && hold === null && !isUndone && !hasResumed) {
      complain(`it is not held after ${last.id}`);
    }
  }
}

async function examineCancel(
  world: World,
  scenario: Scenario,
  { store, deployment }: { readonly store: Store; readonly deployment: Deployment },
): Promise<void> {
  const { id, state, failure } = deployment;
  const complain = (text: string): void => world.witness.complain(`cancelled, ${id}: ${text}`);
  if (failure?.code === "cancelled_by_user" && deployment.cancelledBy === null) {
    complain("nobody cancelled it");
  }
  const provedAt = world.witness.provedAt(id);
  if (provedAt !== null && failure?.code === "cancelled_by_user") {
    complain("it was proved, and undone all the same");
  }
  const transitions = await store.deployments.transitions(id);
  const asked = transitions.find(({ reason }) => reason === "cancel requested");
  if (!asked) return;
  const isBlind = scenario.happenings.some(
    (event) => event.kind === "store_fails" && event.method === "deployments.get",
  );
  const noticedAt = asked.at + NOTICED_MS + (isBlind ? LIMITS.leaseMs / 3 : 0);
  const stood = [...transitions].reverse().find(({ at, from }) => at <= asked.at && from !== null);
  const hasProved = provedAt !== null && provedAt <= noticedAt;
  if (state === "succeeded" && !hasProved) complain("it succeeded without having been proved");
  if (isBlind || !isSmooth(scenario) || stood?.to !== "running" || hasProved) return;
  const [noticed] = transitions.filter(({ at, to }) => at >= asked.at && to !== "running");
  if ((noticed?.at ?? Infinity) > noticedAt) complain("its run noticed late");
}

/** Whether every process lived until it was over, and was never cut off. */
function isSmooth({ happenings }: Scenario): boolean {
  const rough = ["crash", "stop", "theft", "freeze", "store_fails", "engine_away", "engine_fails"];
  return happenings.every(({ kind }) => !rough.includes(kind));
}

async function examineRollback(world: World, store: Store, deployment: Deployment): Promise<void> {
  const { id, kind, releaseId, state } = deployment;
  const complain = (text: string): void => world.witness.complain(`rollback, ${id}: ${text}`);
  if (kind !== "rollback") return;
  const journal = await store.deployments.journal(id);
  if (journal.some(({ step }) => step === "build")) complain("it built an image");
  const phases = deployment.phases.filter(({ phase }) => phase === "build");
  if (phases.some(({ outcome }) => outcome !== "skipped")) complain("it has a build of its own");
  const release = await store.catalog.release(releaseId ?? "");
  if (!release) return complain("its release is unknown");
  if (state === "succeeded" && release.sha !== deployment.sha) complain("it ran another commit");
}
