import type { Kysely } from "kysely";
import type { Build, Release } from "../release.ts";
import { currentHold } from "./holds.ts";
import { pullRequestBefore } from "./pull-requests.ts";
import type { Catalog, EnvironmentKey, EnvironmentRecord } from "./ports.ts";
import type { Tables } from "./schema.ts";

/** Environments, builds and releases on SQL. */
export function createSqlCatalog(db: Kysely<Tables>): Catalog {
  async function environments(repositoryId: number): Promise<readonly EnvironmentRecord[]> {
    const rows = await db
      .selectFrom("environments as e")
      .leftJoin("stacks as s", (join) =>
        join
          .onRef("s.repository_id", "=", "e.repository_id")
          .onRef("s.app", "=", "e.app")
          .onRef("s.environment", "=", "e.environment"),
      )
      .selectAll("e")
      .select("s.name as stack_name")
      .where("e.repository_id", "=", repositoryId)
      .orderBy("e.app")
      .orderBy("e.environment")
      .execute();
    return rows.map((row) => ({
      repositoryId: row.repository_id,
      app: row.app,
      environment: row.environment,
      stackName: row.stack_name,
      decidedSha: row.decided_sha,
      decidedVersion: row.decided_version,
      hold: currentHold(row.holds),
      desiredReleaseId: row.desired_release_id,
      activeDeploymentId: row.active_deployment_id,
    }));
  }

  function isSame(left: EnvironmentKey, right: EnvironmentKey): boolean {
    return left.app === right.app && left.environment === right.environment;
  }

  return {
    environmentsOf: environments,
    async environment(key) {
      return (await environments(key.repositoryId)).find((found) => isSame(found, key)) ?? null;
    },
    async claimStack(name, key) {
      const values = {
        repository_id: key.repositoryId,
        app: key.app,
        environment: key.environment,
      };
      await db
        .insertInto("stacks")
        .values({ name, ...values })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .execute();
      const owner = await db
        .selectFrom("stacks")
        .selectAll()
        .where("name", "=", name)
        .executeTakeFirstOrThrow();
      return (
        owner.repository_id === key.repositoryId &&
        owner.app === key.app &&
        owner.environment === key.environment
      );
    },
    pullRequest: (key, before) => pullRequestBefore(db, key, before),
    async build(key) {
      const row = await db
        .selectFrom("builds")
        .select("record")
        .where("key", "=", key)
        .executeTakeFirst();
      return row ? (JSON.parse(row.record) as Build) : null;
    },
    async saveBuild(build) {
      const record = JSON.stringify(build);
      await db
        .insertInto("builds")
        .values({ key: build.key, record })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ record }))
        .execute();
    },
    async release(id) {
      const row = await db
        .selectFrom("releases")
        .select("record")
        .where("id", "=", id)
        .executeTakeFirst();
      return row ? readRelease(row.record) : null;
    },
    async saveRelease(release) {
      await db
        .insertInto("releases")
        .values({ id: release.id, record: JSON.stringify(release) })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
    },
  };
}

/** Null for one that a Skep of before whole stacks has written: it does not say enough to run again. */
function readRelease(record: string): Release | null {
  const release = JSON.parse(record) as Release;
  return Array.isArray(release.stack.services) ? release : null;
}
