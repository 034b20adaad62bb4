import { afterEach, beforeEach, expect, it } from "vitest";
import type { CommandComment } from "../../src/intent.ts";
import { acknowledge } from "../../src/lanes/acknowledge.ts";
import type { Delivery, Store } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { delivery, REPOSITORY } from "../support/records.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;
let store: Store;
let seen: number;

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  seen = 0;
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

/** In these tests a payload is the number of its comment, or empty for one without commands. */
function commentOf({ payload }: Delivery): CommandComment | null {
  if (payload === "") return null;
  const commentId = Number(payload);
  return { repository: REPOSITORY, number: 12, commentId, actor: "ana", createdAt: commentId };
}

const acknowledgeAll = (): Promise<void> =>
  acknowledge({ store, commentOf, onSeen: () => void (seen += 1) }, REPOSITORY.id);

async function noted(): Promise<readonly number[]> {
  const key = { repositoryId: REPOSITORY.id, number: 12 };
  return (await store.conversations.get(key)).comments.map(({ commentId }) => commentId);
}

it("notes each comment with commands once, and tells so", async () => {
  for (const [guid, payload] of [
    ["a", "1"],
    ["b", ""],
    ["c", "2"],
  ] as const) {
    await store.inbox.insert(delivery({ guid, event: "issue_comment", payload }));
  }
  await acknowledgeAll();
  await acknowledgeAll();
  expect(await noted()).toEqual([1, 2]);
  expect(seen).toBe(2);
});

it("leaves other events and comments without commands alone", async () => {
  await store.inbox.insert(delivery({ guid: "a", event: "push", payload: "1" }));
  await store.inbox.insert(delivery({ guid: "b", event: "issue_comment", payload: "" }));
  await acknowledgeAll();
  expect(seen).toBe(0);
});
