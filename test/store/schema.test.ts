import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrate } from "../../src/store/schema.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { commandComment, plannedDeployment, REPOSITORY, sha } from "../support/records.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;

beforeEach(async () => {
  dir = await makeTempDir();
});
afterEach(() => dir.remove());

/** A deployment's record as the first version wrote it. */
function firstRecord(state: "queued" | "succeeded") {
  const record: Record<string, unknown> = { ...plannedDeployment({ state }) };
  const later = "kind origin headOf githubDeploymentId waitingFor cancelledBy".split(" ");
  for (const key of later) delete record[key];
  return record;
}

/** Makes the database of the first version, with a deployment that ran and one that is queued. */
function makeFirstVersion(file: string): void {
  const database = new DatabaseSync(file);
  migrate(database, 1);
  database.exec("INSERT INTO deliveries VALUES (1, 'guid-1', 'push', 7, 1000, 1001)");
  const lane = plannedDeployment().lane;
  const insert = database.prepare("INSERT INTO deployments VALUES (?, ?, ?, ?, 4, NULL, 0, 0, ?)");
  for (const [index, state] of (["succeeded", "queued"] as const).entries()) {
    const id = `dep_${index + 1}`;
    const record = JSON.stringify({ ...firstRecord(state), id });
    insert.run(id, lane, index + 1, state, record);
    database.exec(`INSERT INTO reports VALUES ('${id}', '{"attempts":0}', 4, 0, 0)`);
  }
  database.exec(
    `INSERT INTO environments VALUES (7, 'shop', 'production', '${sha("a")}', 'rel_1', 'dep_1')`,
  );
  database.close();
}

it("reads what the first version wrote, and goes on with it", async () => {
  makeFirstVersion(join(dir.path, "store.db"));
  const store = openSqliteStore(dir.path);
  expect(await store.deployments.get("dep_1")).toEqual({
    ...plannedDeployment({ state: "succeeded" }),
    number: 1,
    recordVersion: 4,
  });
  expect(await store.catalog.environmentsOf(REPOSITORY.id)).toMatchObject([
    { decidedSha: sha("a"), decidedVersion: null, hold: null, activeDeploymentId: "dep_1" },
  ]);
  const { lane } = plannedDeployment();
  const claim = await store.deployments.claim({ lane, owner: "one", now: 2_000, leaseMs: 9 });
  expect(claim?.deployment).toMatchObject({ id: "dep_2", kind: "deploy", state: "running" });
  await store.conversations.see(commandComment());
  expect(await store.conversations.nextDueAt()).toBe(0);
  await store.close();
});

it("refuses a database that a newer version has written", () => {
  const database = new DatabaseSync(join(dir.path, "store.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  expect(() => openSqliteStore(dir.path)).toThrow("its schema is version 99");
});
