import type { Deployment, DeploymentState, Hold } from "../deployment.ts";
import type { EnvironmentKey } from "./ports.ts";
import type { Connection } from "./schema.ts";

/** The states in which a rollback ends that touched nothing; one that did and went wrong ends in another. */
const UNTOUCHED: readonly DeploymentState[] = ["refused", "cancelled", "superseded", "failed"];

/** The hold that counts, of those in an environment's row. */
export function currentHold(holds: string): Hold | null {
  return (JSON.parse(holds) as readonly Hold[]).at(-1) ?? null;
}

/** The hold on an environment; null when there is none. */
export async function loadHold(connection: Connection, key: EnvironmentKey): Promise<Hold | null> {
  return (await loadHolds(connection, key)).at(-1) ?? null;
}

/** Holds an environment or, with null, lifts every hold on it. */
export async function setHold(
  connection: Connection,
  key: EnvironmentKey,
  hold: Hold | null,
): Promise<void> {
  await saveHolds(connection, key, hold ? [...(await loadHolds(connection, key)), hold] : []);
}

/**
 * Takes the hold of a rollback that ended having touched nothing away, so that the one before counts again; those
 * before a rollback that touched something are forgotten. Tells whether another hold counts now, or none any more.
 */
export async function endHold(connection: Connection, deployment: Deployment): Promise<boolean> {
  const key = environmentOf(deployment);
  const holds = await loadHolds(connection, key);
  const index = holds.findIndex(({ deploymentId }) => deploymentId === deployment.id);
  if (index < 0) return false;
  const isUntouched = UNTOUCHED.includes(deployment.state);
  const left = isUntouched ? holds.filter((_, at) => at !== index) : holds.slice(index);
  await saveHolds(connection, key, left);
  return left.at(-1) !== holds.at(-1);
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

async function loadHolds(connection: Connection, key: EnvironmentKey): Promise<readonly Hold[]> {
  const row = await connection
    .selectFrom("environments")
    .select("holds")
    .where("repository_id", "=", key.repositoryId)
    .where("app", "=", key.app)
    .where("environment", "=", key.environment)
    .executeTakeFirst();
  return row ? (JSON.parse(row.holds) as readonly Hold[]) : [];
}

async function saveHolds(
  connection: Connection,
  { repositoryId, app, environment }: EnvironmentKey,
  list: readonly Hold[],
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
