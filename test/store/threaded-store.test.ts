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

it("lets calls that come together share a commit, and one of them fail alone", async () => {
  const dir = await mkdtemp(join(tmpdir(), "skep-store-"));
  const store = await openThreadedStore(dir);
  await store.inbox.insert(delivery());
  await store.inbox.decide([decision("guid-1", [plannedDeployment()])]);
  const nobody = { deploymentId: "dep_1", owner: "nobody", token: 7 };
  const change = { patch: { state: "running" as const }, reason: "test", at: 1 };
  const [written, refused, claimed] = await Promise.allSettled([
    store.inbox.insert(delivery({ guid: "guid-2" })),
    store.deployments.update(nobody, change),
    store.deployments.claim({ lane: plannedDeployment().lane, owner: "one", now: 1, leaseMs: 9 }),
  ]);
  expect(written).toMatchObject({ status: "fulfilled", value: "stored" });
  expect(refused).toMatchObject({ status: "rejected", reason: { code: "lease_lost" } });
  expect(claimed).toMatchObject({ value: { deployment: { state: "running" } } });
  await store.close();
  const again = await openThreadedStore(dir);
  expect(await again.inbox.insert(delivery({ guid: "guid-2" }))).toBe("duplicate");
  expect(await again.deployments.get("dep_1")).toMatchObject({ state: "running" });
  await again.close();
  await rm(dir, { recursive: true });
});
