import { mkdtemp, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { storeContract } from "../contracts/store.ts";
import { delivery } from "../support/records.ts";

storeContract("SQLite", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  let store = openSqliteStore(dir);
  return {
    store,
    async reopen() {
      await store.close();
      store = openSqliteStore(dir);
      return store;
    },
    async cleanUp() {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
});

it("refuses a data folder that another process uses", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  const store = openSqliteStore(dir);
  expect(() => openSqliteStore(dir)).toThrow("another Skep process uses it");
  await store.close();
  await openSqliteStore(dir).close();
  await rm(dir, { recursive: true });
});

it("says that it can be tried again when the file cannot be written now", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  const store = openSqliteStore(dir);
  const other = new DatabaseSync(join(dir, "store.db"));
  other.exec("BEGIN IMMEDIATE");
  await expect(store.inbox.insert(delivery())).rejects.toMatchObject({
    code: "internal",
    retryable: true,
    message: "using the store: database is locked",
  });
  other.exec("ROLLBACK");
  expect(await store.inbox.insert(delivery())).toBe("stored");
  other.close();
  await store.close();
  await rm(dir, { recursive: true });
});
