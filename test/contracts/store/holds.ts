import { describe, expect, it } from "vitest";
import type { Hold } from "../../../src/deployment.ts";
import type { Decision, NewDeployment, Store } from "../../../src/store/ports.ts";
import { plannedDeployment } from "../../support/records.ts";
import {
  accept,
  claim,
  claimed,
  decideNew,
  KEY,
  runNext,
  statesOf,
  type Subject,
} from "./subject.ts";

function holdOf(deploymentId: string): Hold {
  return { deploymentId, by: "ana", version: "v1.0.0", since: 1_000 };
}

/** Decides a rollback that holds its environment. */
function rollBack(store: Store, id: string) {
  return decideNew(store, id, [plannedDeployment({ id, kind: "rollback" })], {
    decided: [],
    holds: [{ environment: KEY, hold: holdOf(id) }],
  });
}

function waiting(id: string, hold: Hold): NewDeployment {
  return plannedDeployment({ id, state: "waiting", waitingFor: hold });
}

/** Decides a push that finds its environment held. */
function pushHeld(store: Store, id: string, hold: Hold) {
  return decideNew(store, id, [waiting(id, hold)]);
}

/** Decides what somebody deploys by a command, which lifts the hold. */
function deployOnPurpose(store: Store, id: string) {
  const origin = { kind: "comment" as const, pullRequest: 5 };
  return decideNew(store, id, [plannedDeployment({ id, origin })], {
    decided: [],
    holds: [{ environment: KEY, hold: null }],
  });
}

const resume = (released: readonly string[]): Partial<Decision> => ({
  decided: [],
  holds: [{ environment: KEY, hold: null }],
  released,
});
const heldBy = async (store: Store) => (await store.catalog.environment(KEY))?.hold?.deploymentId;

/** What waits after a rollback, and how it goes on. */
export function holdsContract(subject: Subject): void {
  describe("holds", () => {
    it("holds an environment that was never seen, until it is lifted", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      expect(await store.catalog.environmentsOf(KEY.repositoryId)).toMatchObject([
        { hold: holdOf("dep_1"), decidedSha: null },
      ]);
      await runNext(store, "succeeded", "rel_1");
      expect(await heldBy(await subject.reopen())).toBe("dep_1");
      await decideNew(subject.store, "resume", [], resume([]));
      expect(await subject.store.catalog.environment(KEY)).toMatchObject({ hold: null });
    });

    it("does not run what waits, and lets a newer one that waits replace it", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await pushHeld(store, "dep_2", holdOf("dep_1"));
      expect(await statesOf(store, "dep_1", "dep_2")).toEqual(["queued", "waiting"]);
      await pushHeld(store, "dep_3", holdOf("dep_1"));
      await runNext(store, "succeeded");
      expect(await claim(store, 9_000)).toBeNull();
      expect(await store.deployments.lanesWithWork(9_000)).toEqual([]);
      expect(await statesOf(store, "dep_2", "dep_3")).toEqual(["superseded", "waiting"]);
      expect(await store.deployments.get("dep_2")).toMatchObject({
        supersededBy: "dep_3",
        waitingFor: null,
      });
    });

    it("queues what waited when it is released, and tells so", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await runNext(store, "succeeded");
      await pushHeld(store, "dep_2", holdOf("dep_1"));
      const made = await decideNew(store, "resume", [], resume(["dep_2", "dep_2", "unknown"]));
      expect(made).toMatchObject([{ id: "dep_2", state: "queued", waitingFor: null }]);
      const history = await store.deployments.transitions("dep_2");
      expect(history.map(({ from, to }) => [from, to])).toEqual([
        [null, "waiting"],
        ["waiting", "queued"],
      ]);
      expect((await claimed(store, 9_000)).deployment.id).toBe("dep_2");
      expect(await decideNew(store, "again", [], resume(["dep_2"]))).toEqual([]);
      expect(await statesOf(store, "dep_2")).toEqual(["running"]);
    });

    it("lets what is released replace a rollback that is queued still, being newer", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await pushHeld(store, "dep_2", holdOf("dep_1"));
      await decideNew(store, "resume", [], resume(["dep_2"]));
      expect(await statesOf(store, "dep_1", "dep_2")).toEqual(["superseded", "queued"]);
    });

    it("replaces what waits by a deployment on purpose, but not by a refused one", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await runNext(store, "succeeded");
      await pushHeld(store, "dep_2", holdOf("dep_1"));
      await decideNew(store, "refused", [plannedDeployment({ id: "dep_3", state: "refused" })]);
      expect(await statesOf(store, "dep_2")).toEqual(["waiting"]);
      await deployOnPurpose(store, "dep_4");
      expect(await statesOf(store, "dep_2", "dep_4")).toEqual(["superseded", "queued"]);
    });

    it("lets nothing wait for a hold that was lifted or replaced", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await runNext(store, "succeeded");
      await pushHeld(store, "dep_2", holdOf("dep_1"));
      const other = holdOf("dep_9");
      const holds = [{ environment: KEY, hold: other }];
      await decideNew(store, "again", [plannedDeployment({ id: "dep_9", state: "refused" })], {
        holds,
      });
      expect(await store.deployments.get("dep_2")).toMatchObject({
        state: "waiting",
        waitingFor: other,
      });
      expect(await decideNew(store, "resume", [], resume([]))).toMatchObject([
        { id: "dep_2", state: "queued" },
      ]);
    });

    it.each(["refused", "cancelled", "failed"] as const)(
      "takes the hold of a rollback away that ends %s, and lets go what waited for it",
      async (state) => {
        const { store } = subject;
        const heard: string[] = [];
        await rollBack(store, "dep_1");
        await pushHeld(store, "dep_2", holdOf("dep_1"));
        store.onTransition(({ deploymentId, to }) => heard.push(`${deploymentId} ${to}`));
        await runNext(store, state);
        expect(await heldBy(store)).toBeUndefined();
        expect(heard).toEqual(["dep_1 running", `dep_1 ${state}`, "dep_2 queued"]);
        expect((await claimed(store, 9_000)).deployment.id).toBe("dep_2");
      },
    );

    it.each(["succeeded", "rolled_back"] as const)(
      "keeps the hold of a rollback that ends %s",
      async (state) => {
        const { store } = subject;
        await rollBack(store, "dep_1");
        await pushHeld(store, "dep_2", holdOf("dep_1"));
        const { lease } = await claimed(store, 2_000);
        const change = { reason: "-", at: 3_000 };
        if (state === "rolled_back")
          await store.deployments.update(lease, { ...change, patch: { state: "rolling_back" } });
        await store.deployments.finish(lease, {
          ...change,
          patch: { state },
          desiredReleaseId: null,
        });
        expect(await heldBy(store)).toBe("dep_1");
        expect(await statesOf(store, "dep_2")).toEqual(["waiting"]);
      },
    );

    it("goes back to the hold of the rollback before when a further one is refused", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await runNext(store, "succeeded");
      await rollBack(store, "dep_2");
      await rollBack(store, "dep_3");
      expect(await heldBy(store)).toBe("dep_3");
      await pushHeld(store, "dep_4", holdOf("dep_3"));
      await runNext(store, "refused");
      expect(await statesOf(store, "dep_2", "dep_3")).toEqual(["superseded", "refused"]);
      expect(await heldBy(store)).toBe("dep_1");
      expect(await store.deployments.get("dep_4")).toMatchObject({
        state: "waiting",
        waitingFor: holdOf("dep_1"),
      });
    });

    it("does not let a deployment wait for a rollback that was refused while that was decided", async () => {
      const { store } = subject;
      await rollBack(store, "dep_1");
      await runNext(store, "refused");
      const made = await pushHeld(store, "dep_2", holdOf("dep_1"));
      expect(made).toMatchObject([{ id: "dep_2", state: "queued", waitingFor: null }]);
    });

    describe("lifted by a deployment on purpose", () => {
      async function heldThenLifted(): Promise<Store> {
        const { store } = subject;
        await rollBack(store, "dep_1");
        await runNext(store, "succeeded", "rel_1");
        await deployOnPurpose(store, "dep_2");
        expect(await heldBy(store)).toBeUndefined();
        return store;
      }

      it.each(["refused", "cancelled", "failed"] as const)(
        "count again when that ends %s, having touched nothing",
        async (state) => {
          await runNext(await heldThenLifted(), state);
          const store = await subject.reopen();
          expect((await store.catalog.environment(KEY))?.hold).toEqual(holdOf("dep_1"));
          // It was decided before, and is written after.
          const made = await decideNew(store, "push", [plannedDeployment({ id: "dep_3" })]);
          expect(made).toMatchObject([{ state: "waiting", waitingFor: holdOf("dep_1") }]);
          expect(await decideNew(store, "resume", [], resume(["dep_3"]))).toMatchObject([
            { id: "dep_3", state: "queued" },
          ]);
        },
      );

      it("count again when that is cancelled in the queue", async () => {
        const store = await heldThenLifted();
        await decideNew(store, "cancel", [], {
          decided: [],
          cancelled: [{ deploymentId: "dep_2", by: "bo" }],
        });
        expect(await heldBy(store)).toBe("dep_1");
      });

      it("stay lifted when that succeeds, also when a later one comes to nothing", async () => {
        const store = await heldThenLifted();
        await runNext(store, "succeeded", "rel_2");
        await deployOnPurpose(store, "dep_3");
        await runNext(store, "failed");
        expect(await heldBy(store)).toBeUndefined();
      });

      it("stay lifted when a push was let through meanwhile", async () => {
        const store = await heldThenLifted();
        const { lease } = await claimed(store, 2_000);
        await accept(store, "push", "dep_3");
        expect(await statesOf(store, "dep_3")).toEqual(["queued"]);
        const change = { patch: { state: "failed" as const }, reason: "-", at: 3_000 };
        await store.deployments.finish(lease, { ...change, desiredReleaseId: null });
        expect(await heldBy(store)).toBeUndefined();
        expect(await statesOf(store, "dep_3")).toEqual(["queued"]);
      });

      it("count again when that is replaced by another, which comes to nothing", async () => {
        const store = await heldThenLifted();
        await deployOnPurpose(store, "dep_3");
        expect(await statesOf(store, "dep_2")).toEqual(["superseded"]);
        await runNext(store, "refused");
        expect(await heldBy(store)).toBe("dep_1");
      });

      it("are followed by that of a rollback, and neither by the other's end", async () => {
        const store = await heldThenLifted();
        const { lease } = await claimed(store, 2_000);
        await rollBack(store, "dep_3");
        const change = { patch: { state: "failed" as const }, reason: "-", at: 3_000 };
        await store.deployments.finish(lease, { ...change, desiredReleaseId: null });
        expect(await heldBy(store)).toBe("dep_3");
        await runNext(store, "refused");
        expect(await heldBy(store)).toBe("dep_1");
      });
    });
  });
}
