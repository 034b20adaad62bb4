import { describe, expect, it } from "vitest";
import { accept, claimed, type Subject } from "./subject.ts";

/** What GitHub is still to be shown. */
export function outboxContract(subject: Subject): void {
  describe("outbox", () => {
    const take = (now: number) => subject.store.outbox.take({ now, limit: 10, reserveMs: 500 });

    it("lists a deployment until GitHub shows its newest version", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const [report] = await take(1_000);
      expect(report).toMatchObject({ deploymentId: "dep_1", sentVersion: 0, checkRunId: null });
      expect(await take(1_100)).toEqual([]);
      expect(await store.outbox.nextDueAt()).toBe(1_500);
      if (!report) throw new Error("no report");
      await store.outbox.save({
        ...report,
        sentVersion: 1,
        checkRunId: 5,
        sent: { check: "x" },
      });
      expect(await take(9_000)).toEqual([]);
      expect(await store.outbox.nextDueAt()).toBeNull();
      await claimed(store, 2_000);
      expect(await take(9_000)).toMatchObject([{ checkRunId: 5, sent: { check: "x" } }]);
    });

    it("does not let the end of a deployment wait for the next progress edit", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      const [report] = await take(2_000);
      if (!report) throw new Error("no report");
      const finish = () =>
        store.deployments.finish(lease, {
          patch: { state: "succeeded" },
          reason: "-",
          at: 5,
          desiredReleaseId: null,
        });
      await finish();
      await store.outbox.save({ ...report, sentVersion: 2, nextAttemptAt: 60_000 });
      expect(await take(2_600)).toHaveLength(1);
    });

    it("lets a report that GitHub refuses wait, even when the deployment ends", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const { lease } = await claimed(store, 2_000);
      const [report] = await take(2_000);
      if (!report) throw new Error("no report");
      await store.outbox.save({
        ...report,
        attempts: 3,
        nextAttemptAt: 60_000,
        lastError: "503",
      });
      await store.deployments.finish(lease, {
        patch: { state: "succeeded" },
        reason: "-",
        at: 5,
        desiredReleaseId: null,
      });
      expect(await take(59_999)).toEqual([]);
      expect(await take(60_000)).toMatchObject([{ attempts: 3, lastError: "503" }]);
    });
  });
}
