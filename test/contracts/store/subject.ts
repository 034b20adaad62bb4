import type { Deployment, DeploymentState } from "../../../src/deployment.ts";
import type { Claim, Decision, NewDeployment, Store } from "../../../src/store/ports.ts";
import { decision, delivery, plannedDeployment, REPOSITORY } from "../../support/records.ts";

/** The store that is tested; another one in each test. */
export interface Subject {
  readonly store: Store;
  /** The same data as a new process sees it. */
  reopen(): Promise<Store>;
}

export const LANE = plannedDeployment().lane;
export const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };

/** Takes a delivery and decides it. */
export async function decideNew(
  store: Store,
  guid: string,
  deployments: readonly NewDeployment[],
  overrides: Partial<Decision> = {},
): Promise<readonly Deployment[]> {
  await store.inbox.insert(delivery({ guid }));
  return await store.inbox.decide([decision(guid, deployments, overrides)]);
}

/** Has a push accepted that makes a deployment. */
export async function accept(store: Store, guid: string, id: string): Promise<void> {
  await decideNew(store, guid, [plannedDeployment({ id })]);
}

export function claim(store: Store, now: number, owner = "one"): Promise<Claim | null> {
  return store.deployments.claim({ lane: LANE, owner, now, leaseMs: 1_000 });
}

/** Claims what must be there. */
export async function claimed(store: Store, now: number, owner = "one"): Promise<Claim> {
  const result = await claim(store, now, owner);
  if (!result) throw new Error("nothing to claim");
  return result;
}

/** Runs the lane's next deployment to its end. */
export async function runNext(
  store: Store,
  state: DeploymentState,
  desiredReleaseId: string | null = null,
): Promise<Deployment> {
  const { lease } = await claimed(store, 2_000);
  const patch = { state, finishedAt: 3_000 };
  return store.deployments.finish(lease, { patch, reason: state, at: 3_000, desiredReleaseId });
}

/** The states of deployments, in the order asked for. */
export async function statesOf(
  store: Store,
  ...ids: readonly string[]
): Promise<readonly (DeploymentState | null)[]> {
  const found = await Promise.all(ids.map((id) => store.deployments.get(id)));
  return found.map((deployment) => deployment?.state ?? null);
}
