import { describe, expect, it } from "vitest";
import type { Transition } from "../../../src/deployment.ts";
import { accept, claim, claimed, LANE, type Subject } from "./subject.ts";

/** One deployment of a lane at a time, the newest. */
export function lanesContract(subject: Subject): void {
  describe("lanes", () => {
    it("supersedes what still waits, and tells so", async () => {
      const { store } = subject;
      const seen: Transition[] = [];
      store.onTransition((transition) => seen.push(transition));
      await accept(store, "guid-1", "dep_1");
      await accept(store, "guid-2", "dep_2");
      expect(await store.deployments.get("dep_1")).toMatchObject({
        state: "superseded",
        supersededBy: "dep_2",
      });
      expect(seen.map(({ deploymentId, to }) => [deploymentId, to])).toEqual([
        ["dep_1", "queued"],
        ["dep_1", "superseded"],
        ["dep_2", "queued"],
      ]);
    });

    it("runs one deployment of a lane at a time", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      expect(await claim(store, 2_000)).toMatchObject({
        resumed: false,
        deployment: { state: "running" },
      });
      await accept(store, "guid-2", "dep_2");
      expect(await claim(store, 2_500)).toBeNull();
      expect(await store.deployments.get("dep_2")).toMatchObject({
        state: "queued",
        number: 2,
      });
    });

    it("gives only one of many claimants the lane", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const claims = await Promise.all(
        ["a", "b", "c", "d"].map((owner) => claim(store, 2_000, owner)),
      );
      expect(claims.filter((found) => found !== null)).toHaveLength(1);
    });

    it("hands an interrupted deployment on when its lease has run out, and fences the old run off", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const first = await claimed(store, 2_000, "old");
      expect(await store.deployments.lanesWithWork(2_999)).toEqual([]);
      expect(await store.deployments.lanesWithWork(3_000)).toEqual([LANE]);
      const second = await claimed(store, 3_000, "new");
      expect(second).toMatchObject({
        resumed: true,
        deployment: { id: "dep_1", state: "running" },
      });
      expect(second.lease.token).toBeGreaterThan(first.lease.token);
      const stale = { patch: { phase: "build" as const }, reason: "late", at: 3_001 };
      await expect(store.deployments.update(first.lease, stale)).rejects.toMatchObject({
        code: "lease_lost",
      });
      await expect(
        store.deployments.record(first.lease, {
          step: "build",
          state: "done",
          data: 1,
          at: 1,
        }),
      ).rejects.toMatchObject({ code: "lease_lost" });
      await expect(store.deployments.renew(first.lease, 9_000)).rejects.toMatchObject({
        code: "lease_lost",
      });
      await store.deployments.renew(second.lease, 9_000);
      expect(await claim(store, 8_999, "third")).toBeNull();
    });

    it("ends the leases of processes that are gone", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      await claimed(store, 2_000, "dead");
      expect(await store.deployments.expireLeasesOfOthers("dead", 2_001)).toBe(0);
      expect(await store.deployments.expireLeasesOfOthers("new", 2_001)).toBe(1);
      expect(await claim(store, 2_001, "new")).toMatchObject({ resumed: true });
    });

    it("takes a deployment back unfinished and hands it on at once", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const first = await claimed(store, 2_000);
      await store.deployments.handBack(first.lease);
      expect(await store.deployments.lanesWithWork(2_001)).toEqual([LANE]);
      expect(await claim(store, 2_001)).toMatchObject({ resumed: true });
    });
  });
}
