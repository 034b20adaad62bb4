import { describe, expect, it } from "vitest";
import type { Transition } from "../../../src/deployment.ts";
import type { Store } from "../../../src/store/ports.ts";
import { plannedDeployment } from "../../support/records.ts";
import { accept, claimed, decideNew, KEY, runNext, statesOf, type Subject } from "./subject.ts";

const HOLD = { deploymentId: "dep_1", by: "ana", version: "v1.0.0", since: 1_000 };

function cancel(store: Store, guid: string, ...ids: readonly string[]) {
  const cancelled = ids.map((deploymentId) => ({ deploymentId, by: "bo" }));
  return decideNew(store, guid, [], { decided: [], cancelled, at: 1_500 });
}

/** How deployments are cancelled by people. */
export function cancellationContract(subject: Subject): void {
  describe("cancellation", () => {
    it("ends at once what has not begun, and says by whom", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const seen: Transition[] = [];
      store.onTransition((transition) => seen.push(transition));
      expect(await cancel(store, "cancel", "dep_1", "unknown")).toEqual([]);
      expect(await store.deployments.get("dep_1")).toMatchObject({
        state: "cancelled",
        cancelledBy: "bo",
        finishedAt: 1_500,
        failure: { code: "cancelled_by_user", phase: null, summary: "cancelled by bo" },
      });
      expect(seen.map(({ from, to }) => [from, to])).toEqual([["queued", "cancelled"]]);
      expect(await store.deployments.lanesWithWork(9_000)).toEqual([]);
    });

    it("ends what waits, for which the environment stays held", async () => {
      const { store } = subject;
      const holds = [{ environment: KEY, hold: HOLD }];
      await decideNew(store, "guid-1", [plannedDeployment({ kind: "rollback" })], { holds });
      await runNext(store, "succeeded");
      const waiting = { state: "waiting", waitingFor: HOLD } as const;
      await decideNew(store, "guid-2", [plannedDeployment({ id: "dep_2", ...waiting })]);
      await cancel(store, "cancel", "dep_2");
      expect(await store.deployments.get("dep_2")).toMatchObject({
        state: "cancelled",
        waitingFor: null,
      });
      expect(await store.catalog.environment(KEY)).toMatchObject({ hold: HOLD });
    });

    it("takes the hold of a rollback that is cancelled in the queue away, and lets go what waited", async () => {
      const { store } = subject;
      const holds = [{ environment: KEY, hold: HOLD }];
      await decideNew(store, "guid-1", [plannedDeployment({ kind: "rollback" })], { holds });
      const waiting = { state: "waiting", waitingFor: HOLD } as const;
      await decideNew(store, "guid-2", [plannedDeployment({ id: "dep_2", ...waiting })]);
      expect(await cancel(store, "cancel", "dep_1")).toMatchObject([
        { id: "dep_2", state: "queued" },
      ]);
      expect(await store.catalog.environment(KEY)).toMatchObject({ hold: null });
    });

    it("asks a run to end, once, in the words that its process hears", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      await store.deployments.update(lease, { patch: { phase: "build" }, reason: "b", at: 2_100 });
      const seen: Transition[] = [];
      store.onTransition((transition) => seen.push(transition));
      await cancel(store, "cancel", "dep_1");
      await cancel(store, "again", "dep_1");
      const asked = {
        deploymentId: "dep_1",
        from: "running",
        to: "running",
        phase: "build",
        reason: "cancel requested",
        at: 1_500,
      };
      expect(seen).toEqual([asked]);
      expect((await store.deployments.transitions("dep_1")).at(-1)).toEqual(asked);
      expect(await store.deployments.get("dep_1")).toMatchObject({
        state: "running",
        cancelledBy: "bo",
        recordVersion: 4,
      });
    });

    it("keeps the wish through the writes of a run that has not noticed", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      const update = (at: number) =>
        store.deployments.update(lease, { patch: { tasksRunningAt: at }, reason: "-", at });
      await Promise.all([update(1), cancel(store, "cancel", "dep_1"), update(2), update(3)]);
      expect(await update(4)).toMatchObject({ cancelledBy: "bo", tasksRunningAt: 4 });
      const end = { reason: "-", at: 5, desiredReleaseId: null };
      await store.deployments.finish(lease, { ...end, patch: { state: "cancelled" } });
      expect(await store.deployments.get("dep_1")).toMatchObject({
        state: "cancelled",
        cancelledBy: "bo",
      });
    });

    it("leaves what has ended as it is", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const ended = await runNext(store, "succeeded");
      await cancel(store, "cancel", "dep_1");
      expect(await store.deployments.get("dep_1")).toEqual(ended);
    });

    it("cancels before it makes what is new", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      await decideNew(store, "guid-2", [plannedDeployment({ id: "dep_2" })], {
        cancelled: [{ deploymentId: "dep_1", by: "bo" }],
      });
      expect(await statesOf(store, "dep_1", "dep_2")).toEqual(["cancelled", "queued"]);
    });
  });
}
