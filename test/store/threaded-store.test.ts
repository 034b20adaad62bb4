import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openThreadedStore } from "../../src/store/threaded-store.ts";
import { storeContract } from "../contracts/store.ts";
import { decision, delivery, plannedDeployment } from "../support/records.ts";

storeContract("SQLite in a thread", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  let store = await openThreadedStore(dir);
  return {
    store,
    async reopen() {
      await store.close();
      store = await openThreadedStore(dir);
      return store;
    },
    async cleanUp() {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
});

it("refuses a data folder that is in use, and says what to do", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  const store = await openThreadedStore(dir);
  await expect(openThreadedStore(dir)).rejects.toMatchObject({
    code: "settings_invalid",
    nextStep: expect.stringContaining("SKEP_DATA"),
  });
  await store.close();
  await store.close();
  await expect(store.inbox.pending()).rejects.toThrow("it is closed");
  await rm(dir, { recursive: true });
});

it("tells a transition before the answer of the call that made it", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  const store = await openThreadedStore(dir);
  const heard: string[] = [];
  const stop = store.onTransition(({ to }) => heard.push(to));
  await store.inbox.insert(delivery());
  await store.inbox.decide([decision("guid-1", [plannedDeployment()])]);
  expect(heard).toEqual(["queued"]);
  stop();
  await store.close();
  await rm(dir, { recursive: true });
});
