import type { Deployment, DeploymentState, Hold } from "../deployment.ts";
import type { Decision, EnvironmentKey } from "./ports.ts";
import type { Connection } from "./schema.ts";

/** The states in which a deployment ends that touched nothing; one that did and went wrong ends in another. */
const UNTOUCHED: readonly DeploymentState[] = ["refused", "cancelled", "superseded", "failed"];

/** Somebody deploys on purpose: the holds before count no more, unless that comes to nothing. */
interface Lift {
  readonly deploymentId: string;
  readonly isLift: true;
}

/** What happened to an environment's hold, oldest first; the last counts. */
type Entry = Hold | Lift;

/** The hold that counts, of what is in an environment's row. */
export function currentHold(holds: string): Hold | null {
  return countingOf(JSON.parse(holds) as readonly Entry[]);
}

/** The hold on an environment; null when there is none. */
export async function loadHold(connection: Connection, key: EnvironmentKey): Promise<Hold | null> {
  return countingOf(await loadEntries(connection, key));
}

/**
 * Holds an environment or, with null, lifts every hold on it: for good, unless it is `liftedBy` a deployment that may
 * come to nothing yet.
 */
export async function setHold(
  connection: Connection,
  { environment, hold }: Decision["holds"][number],
  liftedBy: string | null,
): Promise<void> {
  const before = await loadEntries(connection, environment);
  const isForGood = liftedBy === null || before.length === 0;
  const lifted = isForGood ? [] : [...before, { deploymentId: liftedBy, isLift: true as const }];
  await saveEntries(connection, environment, hold ? [...before, hold] : lifted);
}

/**
 * Settles what a deployment that ended did to its environment's hold: when it touched nothing, that is undone, so that
 * what counted before counts again; when it touched something, all before it is forgotten. Tells whether another hold
 * counts now, or none any more.
 */
export async function endHold(connection: Connection, deployment: Deployment): Promise<boolean> {
  const key = environmentOf(deployment);
  const entries = await loadEntries(connection, key);
  const index = entries.findIndex(({ deploymentId }) => deploymentId === deployment.id);
  const entry = entries[index];
  if (entry === undefined) return false;
  const isUndone =
    UNTOUCHED.includes(deployment.state) &&
    (!isLift(entry) || index < entries.length - 1 || !(await isOvertaken(connection, deployment)));
  const settled = entries.slice(isLift(entry) ? index + 1 : index);
  const left = isUndone ? entries.filter((_, at) => at !== index) : settled;
  await saveEntries(connection, key, left);
  return countingOf(left)?.deploymentId !== countingOf(entries)?.deploymentId;
}

/** Whether something newer was let through on the strength of a deployment: then it cannot be as before. */
async function isOvertaken(
  connection: Connection,
  { lane, number, supersededBy }: Deployment,
): Promise<boolean> {
  if (supersededBy !== null) return true;
  const newer = await connection
    .selectFrom("deployments")
    .select("id")
    .where("lane", "=", lane)
    .where("number", ">", number)
    .where("state", "not in", ["refused", "cancelled", "superseded"])
    .executeTakeFirst();
  return newer !== undefined;
}

function countingOf(entries: readonly Entry[]): Hold | null {
  const last = entries.at(-1);
  return last === undefined || isLift(last) ? null : last;
}

function isLift(entry: Entry): entry is Lift {
  return "isLift" in entry;
}

/** Whether the rollback that a hold came with has ended and touched nothing. */
export async function isMoot(connection: Connection, hold: Hold): Promise<boolean> {
  const rollback = await connection
    .selectFrom("deployments")
    .select("id")
    .where("id", "=", hold.deploymentId)
    .where("state", "in", UNTOUCHED)
    .executeTakeFirst();
  return rollback !== undefined;
}

/** The environment that a deployment is for. */
export function environmentOf(
  deployment: Pick<Deployment, "repository" | "app" | "environment">,
): EnvironmentKey {
  const { repository, app, environment } = deployment;
  return { repositoryId: repository.id, app, environment };
}

async function loadEntries(connection: Connection, key: EnvironmentKey): Promise<readonly Entry[]> {
  const row = await connection
    .selectFrom("environments")
    .select("holds")
    .where("repository_id", "=", key.repositoryId)
    .where("app", "=", key.app)
    .where("environment", "=", key.environment)
    .executeTakeFirst();
  return row ? (JSON.parse(row.holds) as readonly Entry[]) : [];
}

async function saveEntries(
  connection: Connection,
  { repositoryId, app, environment }: EnvironmentKey,
  list: readonly Entry[],
): Promise<void> {
  const holds = JSON.stringify(list);
  await connection
    .insertInto("environments")
    .values({ repository_id: repositoryId, app, environment, holds })
    .onConflict((conflict) =>
      conflict.columns(["repository_id", "app", "environment"]).doUpdateSet({ holds }),
    )
    .execute();
}
