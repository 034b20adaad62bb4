import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Transition } from "../../src/deployment.ts";
import type { Store } from "../../src/store/ports.ts";
import { decision, delivery, plannedDeployment, REPOSITORY, sha } from "../support/records.ts";

const LANE = plannedDeployment().lane;
const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };

/** What every store must do. `open` gives a fresh store; `reopen` the same data as a new process sees it. */
export function storeContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; cleanUp: () => Promise<void> }>,
): void {
  describe(`store: ${name}`, () => {
    let store: Store;
    let reopen: () => Promise<Store>;
    let cleanUp: () => Promise<void>;

    beforeEach(async () => ({ store, reopen, cleanUp } = await open()));
    afterEach(async () => cleanUp());

    async function accept(guid: string, id: string): Promise<void> {
      await store.inbox.insert(delivery({ guid }));
      await store.inbox.decide([decision(guid, [plannedDeployment({ id })])]);
    }
    const claim = (now: number, owner = "one") =>
      store.deployments.claim({ lane: LANE, owner, now, leaseMs: 1_000 });
    async function claimed(now: number, owner = "one") {
      const result = await claim(now, owner);
      if (!result) throw new Error("nothing to claim");
      return result;
    }

    describe("inbox", () => {
      it("stores a delivery once, whoever sends it again", async () => {
        const results = await Promise.all([
          store.inbox.insert(delivery()),
          store.inbox.insert(delivery()),
          store.inbox.insert(delivery({ guid: "guid-2" })),
        ]);
        expect(results).toEqual(["stored", "duplicate", "stored"]);
        expect(await store.inbox.insert(delivery())).toBe("duplicate");
      });

      it("hands deliveries out in order of arrival, each repository apart", async () => {
        await store.inbox.insert(delivery({ guid: "z" }));
        await store.inbox.insert(delivery({ guid: "a" }));
        await store.inbox.insert(delivery({ guid: "none", repositoryId: null }));
        expect((await store.inbox.next(REPOSITORY.id, 1))[0]?.guid).toBe("z");
        expect((await store.inbox.next(null, 1))[0]?.guid).toBe("none");
        expect(await store.inbox.next(8, 1)).toEqual([]);
        expect(new Set(await store.inbox.pending())).toEqual(new Set([REPOSITORY.id, null]));
        await store.inbox.decide([decision("z", [])]);
        expect((await store.inbox.next(REPOSITORY.id, 1))[0]?.guid).toBe("a");
      });

      it("keeps what it took after a restart", async () => {
        await store.inbox.insert(delivery({ payload: '{"zen":"ü"}' }));
        const again = await reopen();
        expect(await again.inbox.next(REPOSITORY.id, 1)).toEqual([
          delivery({ payload: '{"zen":"ü"}' }),
        ]);
      });

      it("decides a delivery only once, even when asked twice", async () => {
        await store.inbox.insert(delivery());
        const first = await store.inbox.decide([decision("guid-1", [plannedDeployment()])]);
        const second = await store.inbox.decide([
          decision("guid-1", [plannedDeployment({ id: "dep_2" })]),
        ]);
        expect(first.map(({ id, number }) => [id, number])).toEqual([["dep_1", 1]]);
        expect(second).toEqual([]);
        expect(await store.deployments.get("dep_2")).toBeNull();
        expect(await store.inbox.outcomes("guid-1")).toHaveLength(1);
      });

      it("decides several deliveries at once, in order", async () => {
        for (const guid of ["guid-1", "guid-2", "guid-3"])
          await store.inbox.insert(delivery({ guid }));
        const made = await store.inbox.decide([
          decision("guid-1", []),
          decision("guid-2", [plannedDeployment()]),
        ]);
        expect(made.map(({ id }) => id)).toEqual(["dep_1"]);
        expect(await store.inbox.next(REPOSITORY.id, 10)).toMatchObject([{ guid: "guid-3" }]);
        expect(await store.inbox.outcomes("guid-1")).toHaveLength(1);
      });

      it("forgets old payloads, and nothing else of their deliveries", async () => {
        await accept("guid-1", "dep_1");
        await store.inbox.insert(delivery({ guid: "guid-2" }));
        expect(await store.inbox.forgetPayloads(1_000)).toBe(0);
        expect(await store.inbox.forgetPayloads(1_001)).toBe(1);
        expect(await store.inbox.forgetPayloads(1_001)).toBe(0);
        expect(await store.inbox.insert(delivery({ guid: "guid-1" }))).toBe("duplicate");
        expect(await store.inbox.next(REPOSITORY.id, 2)).toMatchObject([
          { guid: "guid-2", payload: "{}" },
        ]);
      });

      it("moves the decided commit with the decision", async () => {
        await accept("guid-1", "dep_1");
        expect(await store.catalog.environment(KEY)).toMatchObject({ decidedSha: sha("a") });
      });
    });

    describe("lanes", () => {
      it("supersedes what still waits, and tells so", async () => {
        const seen: Transition[] = [];
        store.onTransition((transition) => seen.push(transition));
        await accept("guid-1", "dep_1");
        await accept("guid-2", "dep_2");
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
        await accept("guid-1", "dep_1");
        expect(await claim(2_000)).toMatchObject({
          resumed: false,
          deployment: { state: "running" },
        });
        await accept("guid-2", "dep_2");
        expect(await claim(2_500)).toBeNull();
        expect(await store.deployments.get("dep_2")).toMatchObject({ state: "queued", number: 2 });
      });

      it("gives only one of many claimants the lane", async () => {
        await accept("guid-1", "dep_1");
        const claims = await Promise.all(["a", "b", "c", "d"].map((owner) => claim(2_000, owner)));
        expect(claims.filter((found) => found !== null)).toHaveLength(1);
      });

      it("hands an interrupted deployment on when its lease has run out, and fences the old run off", async () => {
        await accept("guid-1", "dep_1");
        const first = await claimed(2_000, "old");
        expect(await store.deployments.lanesWithWork(2_999)).toEqual([]);
        expect(await store.deployments.lanesWithWork(3_000)).toEqual([LANE]);
        const second = await claimed(3_000, "new");
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
          store.deployments.record(first.lease, { step: "build", state: "done", data: 1, at: 1 }),
        ).rejects.toMatchObject({ code: "lease_lost" });
        await expect(store.deployments.renew(first.lease, 9_000)).rejects.toMatchObject({
          code: "lease_lost",
        });
        await store.deployments.renew(second.lease, 9_000);
        expect(await claim(8_999, "third")).toBeNull();
      });

      it("ends the leases of processes that are gone", async () => {
        await accept("guid-1", "dep_1");
        await claimed(2_000, "dead");
        expect(await store.deployments.expireLeasesOfOthers("dead", 2_001)).toBe(0);
        expect(await store.deployments.expireLeasesOfOthers("new", 2_001)).toBe(1);
        expect(await claim(2_001, "new")).toMatchObject({ resumed: true });
      });

      it("takes a deployment back unfinished and hands it on at once", async () => {
        await accept("guid-1", "dep_1");
        const first = await claimed(2_000);
        await store.deployments.handBack(first.lease);
        expect(await store.deployments.lanesWithWork(2_001)).toEqual([LANE]);
        expect(await claim(2_001)).toMatchObject({ resumed: true });
      });
    });

    describe("deployments", () => {
      it("keeps every change of state and phase as a transition", async () => {
        await accept("guid-1", "dep_1");
        const { lease } = await claimed(2_000);
        await store.deployments.update(lease, { patch: { phase: "build" }, reason: "b", at: 3 });
        await store.deployments.update(lease, { patch: { tasksRunningAt: 4 }, reason: "-", at: 4 });
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
        await accept("guid-1", "dep_1");
        const { lease } = await claimed(2_000);
        const end = { reason: "-", at: 5, desiredReleaseId: null };
        await store.deployments.finish(lease, { ...end, patch: { state: "succeeded" } });
        await expect(
          store.deployments.finish(lease, { ...end, patch: { state: "failed" } }),
        ).rejects.toMatchObject({ code: "lease_lost" });
        expect(await store.deployments.lanesWithWork(99_999)).toEqual([]);
      });

      it("remembers what the environment runs, and what it replaced", async () => {
        for (const n of [1, 2]) {
          await accept(`guid-${n}`, `dep_${n}`);
          const { lease } = await claimed(n * 2_000);
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
        await accept("guid-1", "dep_1");
        const { lease } = await claimed(2_000);
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
        expect(await (await reopen()).deployments.journal("dep_1")).toEqual([
          { step: "apply", state: "done", data: { id: "x" }, at: 2 },
        ]);
      });
    });

    describe("catalog", () => {
      it("gives a stack name to one environment only", async () => {
        expect(await store.catalog.claimStack("shop", KEY)).toBe(true);
        expect(await store.catalog.claimStack("shop", KEY)).toBe(true);
        expect(await store.catalog.claimStack("shop", { ...KEY, repositoryId: 8 })).toBe(false);
        expect(await store.catalog.claimStack("shop", { ...KEY, environment: "staging" })).toBe(
          false,
        );
      });
    });

    describe("outbox", () => {
      const take = (now: number) => store.outbox.take({ now, limit: 10, reserveMs: 500 });

      it("lists a deployment until GitHub shows its newest version", async () => {
        await accept("guid-1", "dep_1");
        const [report] = await take(1_000);
        expect(report).toMatchObject({ deploymentId: "dep_1", sentVersion: 0, checkRunId: null });
        expect(await take(1_100)).toEqual([]);
        expect(await store.outbox.nextDueAt()).toBe(1_500);
        if (!report) throw new Error("no report");
        await store.outbox.save({ ...report, sentVersion: 1, checkRunId: 5, sent: { check: "x" } });
        expect(await take(9_000)).toEqual([]);
        expect(await store.outbox.nextDueAt()).toBeNull();
        await claimed(2_000);
        expect(await take(9_000)).toMatchObject([{ checkRunId: 5, sent: { check: "x" } }]);
      });

      it("does not let the end of a deployment wait for the next progress edit", async () => {
        await accept("guid-1", "dep_1");
        const { lease } = await claimed(2_000);
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
        await accept("guid-1", "dep_1");
        const { lease } = await claimed(2_000);
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

    describe("operator sessions", () => {
      it("redeems a code once, before it runs out", async () => {
        await store.sessions.addCode("c1", 2_000);
        await store.sessions.addCode("c2", 2_000);
        expect(await store.sessions.redeemCode("c1", 1_999)).toBe(true);
        expect(await store.sessions.redeemCode("c1", 1_999)).toBe(false);
        expect(await store.sessions.redeemCode("c2", 2_000)).toBe(false);
      });

      it("knows a session until it runs out", async () => {
        await store.sessions.addSession("s", 2_000);
        expect(await store.sessions.hasSession("s", 1_999)).toBe(true);
        expect(await store.sessions.hasSession("x", 1_999)).toBe(false);
        expect(await store.sessions.hasSession("s", 2_000)).toBe(false);
      });
    });
  });
}
