import type { Kysely } from "kysely";
import type { Deployment, DeploymentState, Transition } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Claim, Deployments, Lease } from "./ports.ts";
import { deploymentFromRow, loadDeployment, writeDeployment } from "./records.ts";
import type { Connection, Tables } from "./schema.ts";
import { beginWork, write, type Work } from "./unstarted.ts";

const BUSY: DeploymentState[] = ["running", "rolling_back"];
type Announce = (transitions: readonly Transition[]) => void;

async function assertLease(connection: Connection, lease: Lease): Promise<void> {
  const row = await connection
    .selectFrom("deployments")
    .select(["lease_owner", "lease_token"])
    .where("id", "=", lease.deploymentId)
    .executeTakeFirst();
  if (row?.lease_owner === lease.owner && row.lease_token === lease.token) return;
  throw new SkepError(
    "lease_lost",
    `running deployment ${lease.deploymentId}: another process took it over`,
  );
}

type ClaimRequest = Parameters<Deployments["claim"]>[0];

async function lease(
  connection: Connection,
  row: { readonly id: string; readonly lease_token: number },
  request: ClaimRequest,
): Promise<Lease> {
  const token = row.lease_token + 1;
  await connection
    .updateTable("deployments")
    .set({
      lease_owner: request.owner,
      lease_token: token,
      lease_expires_at: request.now + request.leaseMs,
    })
    .where("id", "=", row.id)
    .execute();
  return { deploymentId: row.id, owner: request.owner, token };
}

async function claim(
  connection: Connection,
  request: ClaimRequest,
): Promise<{ readonly claim: Claim; readonly transition: Transition | null } | null> {
  const active = await connection
    .selectFrom("deployments")
    .selectAll()
    .where("lane", "=", request.lane)
    .where("state", "in", ["queued", ...BUSY])
    .orderBy("number", "desc")
    .execute();
  const interrupted = active.find((row) => row.state !== "queued");
  if (interrupted) {
    if (interrupted.lease_expires_at > request.now) return null;
    const taken = await lease(connection, interrupted, request);
    return {
      claim: { deployment: deploymentFromRow(interrupted), lease: taken, resumed: true },
      transition: null,
    };
  }
  const queued = active[0];
  if (!queued) return null;
  const taken = await lease(connection, queued, request);
  const { deployment, transition } = await writeDeployment(connection, deploymentFromRow(queued), {
    patch: { state: "running", startedAt: request.now },
    reason: "taken from the queue",
    at: request.now,
  });
  return { claim: { deployment, lease: taken, resumed: false }, transition };
}

type FinishChange = Parameters<Deployments["finish"]>[1];

async function finish(work: Work, held: Lease, change: FinishChange): Promise<Deployment> {
  const { connection } = work;
  await assertLease(connection, held);
  const before = await loadDeployment(connection, held.deploymentId);
  const environment = await connection
    .selectFrom("environments")
    .select("active_deployment_id")
    .where("repository_id", "=", before.repository.id)
    .where("app", "=", before.app)
    .where("environment", "=", before.environment)
    .executeTakeFirst();
  const runs = change.desiredReleaseId !== null;
  const previousDeploymentId = runs
    ? (environment?.active_deployment_id ?? null)
    : before.previousDeploymentId;
  const written = await write(work, before, {
    ...change,
    patch: { ...change.patch, previousDeploymentId },
  });
  if (runs) {
    const now = { desired_release_id: change.desiredReleaseId, active_deployment_id: before.id };
    await connection
      .insertInto("environments")
      .values({
        repository_id: before.repository.id,
        app: before.app,
        environment: before.environment,
        ...now,
      })
      .onConflict((conflict) =>
        conflict.columns(["repository_id", "app", "environment"]).doUpdateSet(now),
      )
      .execute();
  }
  await release(connection, held);
  return written;
}

async function release(connection: Connection, held: Lease): Promise<void> {
  await connection
    .updateTable("deployments")
    .set({ lease_owner: null, lease_expires_at: 0 })
    .where("id", "=", held.deploymentId)
    .execute();
}

function createReads(
  db: Kysely<Tables>,
): Pick<Deployments, "get" | "list" | "lanesWithWork" | "journal" | "transitions"> {
  return {
    async get(id) {
      const row = await db
        .selectFrom("deployments")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row ? deploymentFromRow(row) : null;
    },
    async list(filter) {
      let query = db
        .selectFrom("deployments")
        .selectAll()
        .orderBy(filter.lane === undefined ? "id" : "number", "desc")
        .limit(filter.limit);
      if (filter.lane !== undefined) query = query.where("lane", "=", filter.lane);
      if (filter.states !== undefined) query = query.where("state", "in", filter.states);
      return (await query.execute()).map(deploymentFromRow);
    },
    async lanesWithWork(now) {
      const rows = await db
        .selectFrom("deployments")
        .select("lane")
        .distinct()
        .where((where) =>
          where.or([
            where("state", "=", "queued"),
            where.and([where("state", "in", BUSY), where("lease_expires_at", "<=", now)]),
          ]),
        )
        .execute();
      return rows.map((row) => row.lane);
    },
    async journal(deploymentId) {
      const rows = await db
        .selectFrom("journal")
        .selectAll()
        .where("deployment_id", "=", deploymentId)
        .orderBy("at")
        .execute();
      return rows.map((row) => ({
        step: row.step,
        state: row.state === "done" ? "done" : "about_to",
        data: JSON.parse(row.data) as unknown,
        at: row.at,
      }));
    },
    async transitions(deploymentId) {
      const rows = await db
        .selectFrom("transitions")
        .selectAll()
        .where("deployment_id", "=", deploymentId)
        .orderBy("sequence")
        .execute();
      return rows.map(
        (row) =>
          ({
            deploymentId: row.deployment_id,
            from: row.from_state,
            to: row.to_state,
            phase: row.phase,
            reason: row.reason,
            at: row.at,
          }) as Transition,
      );
    },
  };
}

/** Deployments on SQL. `announce` is called with the transitions of each commit, after it. */
export function createSqlDeployments(db: Kysely<Tables>, announce: Announce): Deployments {
  const inTransaction = <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    db.transaction().execute(work);

  async function announced(work: (work: Work) => Promise<Deployment>): Promise<Deployment> {
    const { deployment, transitions } = await inTransaction(async (connection) => {
      const begun = beginWork(connection);
      return { deployment: await work(begun), transitions: begun.transitions };
    });
    announce(transitions);
    return deployment;
  }

  return {
    ...createReads(db),
    async claim(request) {
      const result = await inTransaction((connection) => claim(connection, request));
      if (result?.transition) announce([result.transition]);
      return result?.claim ?? null;
    },
    renew: (held, expiresAt) =>
      inTransaction(async (connection) => {
        await assertLease(connection, held);
        await connection
          .updateTable("deployments")
          .set({ lease_expires_at: expiresAt })
          .where("id", "=", held.deploymentId)
          .execute();
      }),
    async expireLeasesOfOthers(owner, now) {
      const { numUpdatedRows } = await db
        .updateTable("deployments")
        .set({ lease_expires_at: now })
        .where("state", "in", BUSY)
        .where("lease_owner", "!=", owner)
        .where("lease_expires_at", ">", now)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    update: (held, change) =>
      announced(async (work) => {
        await assertLease(work.connection, held);
        return write(work, await loadDeployment(work.connection, held.deploymentId), change);
      }),
    finish: (held, change) => announced((work) => finish(work, held, change)),
    handBack: (held) =>
      inTransaction(async (connection) => {
        await assertLease(connection, held);
        await release(connection, held);
      }),
    record: (held, entry) =>
      inTransaction(async (connection) => {
        await assertLease(connection, held);
        const values = {
          state: entry.state,
          data: JSON.stringify(entry.data ?? null),
          at: entry.at,
        };
        await connection
          .insertInto("journal")
          .values({ deployment_id: held.deploymentId, step: entry.step, ...values })
          .onConflict((conflict) => conflict.columns(["deployment_id", "step"]).doUpdateSet(values))
          .execute();
      }),
  };
}
