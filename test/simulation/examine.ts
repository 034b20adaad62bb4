import { project } from "../../src/checks/projection.ts";
import { diffSpecs } from "../../src/deployer/plan/spec-diff.ts";
import { isFinal, NEXT_STATES, type Deployment } from "../../src/deployment.ts";
import type { Store } from "../../src/store/ports.ts";
import { REPOSITORY } from "../support/records.ts";
import { examineWishes } from "./examine-wishes.ts";
import { BASE_URL, LIMITS } from "./process.ts";
import { GOOD, type Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

/** Holds a world at rest against all that is promised, before and after some more time has passed. */
export async function examine(
  world: World,
  scenario: Scenario,
  waitOn: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const store = world.lives.store();
  if (!store) throw new Error("nothing runs");
  const deployments = (await store.deployments.list({ limit: 1_000 })).toReversed();
  await examineDeliveries(world, store, deployments);
  for (const deployment of deployments) {
    await examineRecord(world, store, deployment);
    await examineGitHub(world, store, deployment);
    examineWrites(world, deployment);
    examineEnd(world, scenario, deployment);
  }
  await examineWishes(world, scenario, deployments);
  if (!isMeddled(scenario)) await examineSwarm(world, store, deployments);
  await examineHead(world, scenario, store);
  const writes = world.witness.writes.length;
  await waitOn();
  const after = await store.deployments.list({ limit: 1_000 });
  if (after.length > deployments.length) world.witness.complain("something was deployed by itself");
  if (world.witness.writes.length > writes)
    world.witness.complain("something was written by itself");
  const states: Record<string, number> = {};
  for (const { kind, state, failure } of deployments) {
    const names = [state, `${kind} ${state}`, `${state} for ${failure?.code ?? "nothing"}`];
    for (const name of names) states[name] = (states[name] ?? 0) + 1;
  }
  return states;
}

async function examineDeliveries(
  world: World,
  store: Store,
  deployments: readonly Deployment[],
): Promise<void> {
  const complain = (text: string): void => world.witness.complain(text);
  for (const guid of world.webhooks.sent) {
    const outcomes = await store.inbox.outcomes(guid);
    const wanted = world.isSighting(guid) ? 0 : 1;
    if (outcomes.length !== wanted) complain(`${guid} has ${outcomes.length} outcomes`);
  }
  const perIntent = new Map<string, number>();
  for (const { intentId, environment } of deployments) {
    const key = `${intentId} in ${environment}`;
    perIntent.set(key, (perIntent.get(key) ?? 0) + 1);
  }
  for (const [key, count] of perIntent) {
    if (count > 1) complain(`${key} made ${count} deployments`);
  }
}

async function examineRecord(world: World, store: Store, deployment: Deployment): Promise<void> {
  const { id, state, phases, failure } = deployment;
  const complain = (text: string): void => world.witness.complain(`${id}: ${text}`);
  if (!isFinal(state) && state !== "waiting") complain(`it is ${state} at rest`);
  if (isFinal(state) !== (deployment.finishedAt !== null))
    complain("it has no end, or a wrong one");
  for (const { phase, outcome, startedAt, endedAt } of phases) {
    if (outcome === "running" || endedAt === null) complain(`its phase ${phase} has no end`);
    else if (endedAt < startedAt) complain(`its phase ${phase} ends before it begins`);
  }
  const hasFailed = phases.some(({ outcome }) => outcome === "failed");
  if (state === "succeeded" && hasFailed) complain("it succeeded with a failed phase");
  if (["failed", "rolled_back", "rollback_failed"].includes(state) && !hasFailed) {
    complain(`it is ${state} and no phase failed`);
  }
  const badEnds = ["failed", "rolled_back", "rollback_failed", "refused", "cancelled"];
  const needsFailure = badEnds.includes(state);
  if (needsFailure !== (failure !== null)) complain(`it is ${state} with failure ${failure?.code}`);
  if ((state === "superseded") !== (deployment.supersededBy !== null)) {
    complain(`it is ${state} and superseded by ${deployment.supersededBy}`);
  }
  let last: string | null = null;
  for (const { from, to } of await store.deployments.transitions(id)) {
    if (from !== last) complain(`a transition begins at ${from} after ${last}`);
    if (from !== null && !NEXT_STATES[from].includes(to)) complain(`it went from ${from} to ${to}`);
    last = to;
  }
  if (last !== state) complain(`its transitions end at ${last}, and it is ${state}`);
}

async function examineGitHub(world: World, store: Store, deployment: Deployment): Promise<void> {
  const { id, repository, app, environment } = deployment;
  const complain = (text: string): void => world.witness.complain(`GitHub, ${id}: ${text}`);
  const key = { repositoryId: repository.id, app, environment };
  const activeId = (await store.catalog.environment(key))?.activeDeploymentId ?? null;
  const wanted = project(deployment, {
    baseUrl: BASE_URL,
    active: activeId === null ? null : await store.deployments.get(activeId),
    successor:
      deployment.supersededBy === null
        ? null
        : await store.deployments.get(deployment.supersededBy),
  });
  const runs = world.github.checkRuns().filter(({ externalId }) => externalId === id);
  if (runs.length !== 1) complain(`there are ${runs.length} check runs`);
  for (const run of runs) {
    for (const [name, value] of Object.entries(wanted.checkRun)) {
      const shown: unknown = Object.entries(run).find(([other]) => other === name)?.[1];
      if (asTold(shown) === asTold(value)) continue;
      complain(
        `the check run's ${name} is ${JSON.stringify(shown)} and not ${JSON.stringify(value)}`,
      );
    }
  }
  const made = world.github.deployments().filter(({ deploymentId }) => deploymentId === id);
  if (made.length > 1) complain(`there are ${made.length} GitHub deployments`);
  if (made.length === 0 && wanted.deployment !== null) complain("there is no GitHub deployment");
  for (const { statuses } of made) {
    const newest = statuses.at(-1);
    if (asTold(newest) !== asTold(wanted.status)) {
      complain(`the status is ${JSON.stringify(newest)} and not ${JSON.stringify(wanted.status)}`);
    }
    for (const [index, status] of statuses.entries()) {
      const before = statuses[index - 1];
      if (before && JSON.stringify(before) === JSON.stringify(status)) {
        complain(`the status ${status.state} was sent twice`);
      }
    }
  }
}

/** As JSON, but for what is active: that is told as it was when it was told. */
function asTold(content: unknown): string {
  return JSON.stringify(content ?? null)
    .replaceAll(/\*\*Now:\*\*.*?(?=\\n)/gu, "")
    .replaceAll(/Replaced by \w+ \(#\d+\)/gu, "Replaced");
}

function examineWrites(world: World, { id, state }: Deployment): void {
  const writes = world.witness.writes.filter(({ by }) => by === id);
  const complain = (text: string): void => world.witness.complain(`Swarm, ${id}: ${text}`);
  const own = writes.filter(({ kind, names }) => kind !== "mark" && names === id);
  const back = writes.filter(({ kind, names }) => kind !== "mark" && names !== id);
  if (own.length > 1) complain(`its spec was sent ${own.length} times`);
  if (back.length > 1) complain(`the previous spec was sent ${back.length} times`);
  if (state === "succeeded" && back.length > 0) complain("it succeeded and went back");
}

/** Whether engine or source were away for longer than Skep waits, or somebody meddled. */
function isTroubled(scenario: Scenario): boolean {
  if (isMeddled(scenario)) return true;
  const away = { engine: 0, source: 0 };
  for (const event of scenario.happenings) {
    if (event.kind === "engine_away") away.engine += event.forMs;
    if (event.kind === "engine_fails") away.engine += event.awayMs;
    if (event.kind === "source_away") away.source += event.forMs;
  }
  return away.engine > LIMITS.retryMs * 0.7 || away.source > LIMITS.retryMs * 0.7;
}

/** Without outages that are longer than Skep waits, good content succeeds, and bad content never does. */
function examineEnd(world: World, scenario: Scenario, deployment: Deployment): void {
  const { id, state, sha, failure } = deployment;
  const ends = ["succeeded", "superseded", "refused", "waiting", "cancelled"];
  const { behaviour } = world.repository.commit(sha).change;
  const complain = (text: string): void =>
    world.witness.complain(`${id}, which ${behaviour}, ${text}`);
  const isGood = GOOD.includes(behaviour);
  if (!isGood && state === "succeeded") complain("succeeded");
  if (isTroubled(scenario)) return;
  if (state === "rollback_failed") complain(`could not go back: ${failure?.summary}`);
  if (isExcused(scenario, deployment)) return;
  if (isGood && !ends.includes(state)) {
    complain(`is ${state}: ${failure?.code}, ${failure?.summary}`);
  }
  const isRefusable = world.webhooks.sent.length > 0 && hasBadConfig(scenario);
  if (state === "refused" && !isRefusable) complain(`is refused: ${failure?.summary}`);
}

/** Whether it ended so because of what people did or left undone. */
function isExcused(
  scenario: Scenario,
  { failure, cancelledBy, headOf, kind }: Deployment,
): boolean {
  const code = failure?.code ?? null;
  const has = (one: string): boolean => scenario.happenings.some((event) => event.kind === one);
  if (code === "cancelled_by_user") return cancelledBy !== null;
  if (code === "ref_changed") return headOf !== null && has("head");
  return code === "image_gone" && kind === "rollback" && has("prune");
}

function isMeddled(scenario: Scenario): boolean {
  return scenario.happenings.some(({ kind }) => kind === "interference");
}

function hasBadConfig(scenario: Scenario): boolean {
  return scenario.happenings.some(
    (event) =>
      (event.kind === "push" || event.kind === "head") && event.change.behaviour === "bad_config",
  );
}

/** Whatever the order in which webhooks came: what counts in the end is the head of the branch. */
async function examineHead(world: World, scenario: Scenario, store: Store): Promise<void> {
  const { head } = world.repository;
  if (head === null) return;
  for (const record of await store.catalog.environmentsOf(REPOSITORY.id)) {
    const { environment, decidedSha, desiredReleaseId } = record;
    const complain = (text: string): void => world.witness.complain(`${environment}: ${text}`);
    if (decidedSha !== head.sha) {
      complain(`decided is ${decidedSha?.slice(0, 7)} and the head is ${head.sha.slice(0, 7)}`);
    }
    const isRetried = scenario.happenings.some(
      ({ kind }) => kind === "retry" || kind === "comment",
    );
    if (isRetried || isTroubled(scenario) || !GOOD.includes(head.change.behaviour)) continue;
    const release = desiredReleaseId && (await store.catalog.release(desiredReleaseId));
    const content = release ? world.repository.commit(release.sha).content : null;
    if (content !== head.content)
      complain(`it runs content ${content}, and the head's is ${head.content}`);
  }
}

async function examineSwarm(
  world: World,
  store: Store,
  deployments: readonly Deployment[],
): Promise<void> {
  for (const record of await store.catalog.environmentsOf(REPOSITORY.id)) {
    const { app, environment, desiredReleaseId } = record;
    const complain = (text: string): void =>
      world.witness.complain(`Swarm, ${environment}: ${text}`);
    const ofLane = deployments
      .filter((one) => one.environment === environment)
      .toSorted((a, b) => (a.finishedAt ?? Infinity) - (b.finishedAt ?? Infinity));
    // What could not go back leaves something else behind, and the next one goes back to that.
    const sinceSuccess = ofLane.slice(
      ofLane.findLastIndex(({ state }) => state === "succeeded") + 1,
    );
    if (sinceSuccess.some(({ state }) => state === "rollback_failed")) continue;
    const stackName = `${app}-${environment}`;
    const live = await world.swarm.service(`${stackName}_${app}`);
    if (desiredReleaseId === null) {
      if (live !== null) complain("something runs that was never a success");
      continue;
    }
    const release = await store.catalog.release(desiredReleaseId);
    if (!release || !live) {
      complain(live ? "its desired release is unknown" : "nothing runs");
      continue;
    }
    const desired = release.stack.services[0]?.spec;
    const changes = desired ? diffSpecs(live.spec, desired) : [];
    if (changes.length > 0) {
      complain(
        `it does not run ${desiredReleaseId}: ${changes.map(({ text }) => text).join("; ")}`,
      );
    }
    const mark = await world.swarm.releaseMark(stackName);
    if (mark?.["skep.release"] !== desiredReleaseId) {
      complain(`the mark names ${mark?.["skep.release"]} and not ${desiredReleaseId}`);
    }
  }
}
