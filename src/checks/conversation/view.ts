import { type Deployment, laneOf } from "../../deployment.ts";
import type { Answer, Conversation } from "../../store/conversation.ts";
import type { EnvironmentRecord, Store } from "../../store/ports.ts";

/** How an environment stands. */
export interface EnvironmentView {
  readonly record: EnvironmentRecord;
  /** The deployment whose release runs; null when none ever succeeded. */
  readonly active: Deployment | null;
  /** Deployments that run or wait, newest first. */
  readonly open: readonly Deployment[];
  /** The newest deployments, newest first; empty when nobody asked for them. */
  readonly history: readonly Deployment[];
}

/** All that the answer to a conversation is made from. */
export interface ConversationView {
  readonly conversation: Conversation;
  /** By id: those that the answers tell of, and those that took their places. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  readonly environments: readonly EnvironmentView[];
  /** Where Skep's own pages are, without a slash at the end. */
  readonly baseUrl: string;
}

/** How many deployments `/history` shows. */
export const HISTORY_LENGTH = 10;
const MAX_OPEN = 5;

/** Reads from the store what a conversation has to show. */
export async function gatherView(
  store: Pick<Store, "catalog" | "deployments">,
  conversation: Conversation,
  baseUrl: string,
): Promise<ConversationView> {
  const shown = conversation.answers.filter(({ result }) => result.kind !== "unanswered");
  const deployments = await gatherDeployments(store, shown);
  const { repositoryId } = conversation.report;
  const records = shown.length === 0 ? [] : await store.catalog.environmentsOf(repositoryId);
  const isAsked = shown.some(({ result }) => result.kind === "shown" && result.what === "history");
  const environments = await Promise.all(
    records.map((record) => gatherEnvironment(store, record, isAsked)),
  );
  return { conversation, deployments, environments, baseUrl };
}

/** The deployments of all environments that are on their way: what is shown of them will soon be true no more. */
export function onTheirWay({ environments }: ConversationView): readonly Deployment[] {
  return environments.flatMap(({ open }) => open.filter(({ state }) => state !== "waiting"));
}

async function gatherDeployments(
  { deployments }: Pick<Store, "deployments">,
  answers: readonly Answer[],
): Promise<ReadonlyMap<string, Deployment>> {
  const found = new Map<string, Deployment>();
  const read = async (id: string): Promise<Deployment | null> => {
    const deployment = await deployments.get(id);
    if (deployment !== null) found.set(id, deployment);
    return deployment;
  };
  for (const { result } of answers) {
    if (result.kind !== "deployment") continue;
    const deployment = await read(result.deploymentId);
    if (deployment?.supersededBy) await read(deployment.supersededBy);
  }
  return found;
}

async function gatherEnvironment(
  { deployments }: Pick<Store, "deployments">,
  record: EnvironmentRecord,
  withHistory: boolean,
): Promise<EnvironmentView> {
  const { repositoryId, app, environment, activeDeploymentId } = record;
  const lane = laneOf(repositoryId, app, environment);
  const states = ["waiting", "queued", "running", "rolling_back"] as const;
  return {
    record,
    active: activeDeploymentId === null ? null : await deployments.get(activeDeploymentId),
    open: await deployments.list({ lane, states, limit: MAX_OPEN }),
    history: withHistory ? await deployments.list({ lane, limit: HISTORY_LENGTH }) : [],
  };
}
