import { describe, expect, it } from "vitest";
import { plannedDeployment } from "../../support/records.ts";
import { accept, claimed, decideNew, KEY, LANE, runNext, type Subject } from "./subject.ts";

/** The records of runs. */
export function deploymentsContract(subject: Subject): void {
  describe("deployments", () => {
    it("keeps every change of state and phase as a transition", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      await store.deployments.update(lease, {
        patch: { phase: "build" },
        reason: "b",
        at: 3,
      });
      await store.deployments.update(lease, {
        patch: { tasksRunningAt: 4 },
        reason: "-",
        at: 4,
      });
      await store.deployments.finish(lease, {
        patch: { state: "failed", finishedAt: 5 },
        reason: "build_failed",
        at: 5,
        desiredReleaseId: null,
      });
      const history = await store.deployments.transitions("dep_1");
      expect(history.map(({ from, to, phase }) => [from, to, phase])).toEqual([
        [null, "queued", null],
        ["queued", "running", null],
        ["running", "running", "build"],
        ["running", "failed", "build"],
      ]);
      expect(await store.deployments.get("dep_1")).toMatchObject({
        state: "failed",
        recordVersion: 5,
        tasksRunningAt: 4,
      });
    });

    it("never leaves a final state", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      const end = { reason: "-", at: 5, desiredReleaseId: null };
      await store.deployments.finish(lease, { ...end, patch: { state: "succeeded" } });
      await expect(
        store.deployments.finish(lease, { ...end, patch: { state: "failed" } }),
      ).rejects.toMatchObject({ code: "lease_lost" });
      expect(await store.deployments.lanesWithWork(99_999)).toEqual([]);
    });

    it("remembers what the environment runs, and what it replaced", async () => {
      const { store } = subject;
      for (const n of [1, 2]) {
        await accept(store, `guid-${n}`, `dep_${n}`);
        const { lease } = await claimed(store, n * 2_000);
        await store.deployments.finish(lease, {
          patch: { state: "succeeded" },
          reason: "-",
          at: 5,
          desiredReleaseId: `rel_${n}`,
        });
      }
      expect(await store.catalog.environment(KEY)).toMatchObject({
        desiredReleaseId: "rel_2",
        activeDeploymentId: "dep_2",
      });
      expect(await store.deployments.get("dep_2")).toMatchObject({
        previousDeploymentId: "dep_1",
      });
    });

    it("journals each effect before and after it happens", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      await store.deployments.record(lease, {
        step: "apply",
        state: "about_to",
        data: { a: 1 },
        at: 1,
      });
      await store.deployments.record(lease, {
        step: "apply",
        state: "done",
        data: { id: "x" },
        at: 2,
      });
      expect(await (await subject.reopen()).deployments.journal("dep_1")).toEqual([
        { step: "apply", state: "done", data: { id: "x" }, at: 2 },
      ]);
    });

    it("remembers what runs in an environment that nothing was decided for", async () => {
      const { store } = subject;
      await decideNew(store, "guid-1", [plannedDeployment()], { decided: [] });
      await runNext(store, "succeeded", "rel_1");
      expect(await store.catalog.environment(KEY)).toMatchObject({
        decidedSha: null,
        desiredReleaseId: "rel_1",
        activeDeploymentId: "dep_1",
      });
    });

    it("lists a lane's deployments in some states, the newest first", async () => {
      const { store } = subject;
      for (const id of ["dep_1", "dep_2", "dep_3"]) {
        await accept(store, id, id);
        await runNext(store, id === "dep_2" ? "failed" : "succeeded");
      }
      const other = plannedDeployment({ id: "dep_4", lane: "other" });
      await decideNew(store, "dep_4", [other]);
      const ids = async (filter: Parameters<typeof store.deployments.list>[0]) =>
        (await store.deployments.list(filter)).map(({ id }) => id);
      expect(await ids({ lane: LANE, limit: 5 })).toEqual(["dep_3", "dep_2", "dep_1"]);
      expect(await ids({ lane: LANE, states: ["succeeded"], limit: 5 })).toEqual([
        "dep_3",
        "dep_1",
      ]);
      expect(await ids({ states: ["succeeded", "queued"], limit: 2 })).toEqual(["dep_4", "dep_3"]);
      expect(await ids({ states: [], limit: 2 })).toEqual([]);
    });
  });
}
