import { describe, expect, it } from "vitest";
import {
  answer,
  commandComment,
  decision,
  delivery,
  plannedDeployment,
  pullRequestSighting,
  REPOSITORY,
  sha,
} from "../../support/records.ts";
import { accept, decideNew, KEY, statesOf, type Subject } from "./subject.ts";

/** Deliveries in, exactly once. */
export function inboxContract(subject: Subject): void {
  describe("inbox", () => {
    it("stores a delivery once, whoever sends it again", async () => {
      const { store } = subject;
      const results = await Promise.all([
        store.inbox.insert(delivery()),
        store.inbox.insert(delivery()),
        store.inbox.insert(delivery({ guid: "guid-2" })),
      ]);
      expect(results).toEqual(["stored", "duplicate", "stored"]);
      expect(await store.inbox.insert(delivery())).toBe("duplicate");
    });

    it("hands deliveries out in order of arrival, each repository apart", async () => {
      const { store } = subject;
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
      const { store } = subject;
      await store.inbox.insert(delivery({ payload: '{"zen":"ü"}' }));
      const again = await subject.reopen();
      expect(await again.inbox.next(REPOSITORY.id, 1)).toEqual([
        delivery({ payload: '{"zen":"ü"}' }),
      ]);
    });

    it("decides a delivery only once, even when asked twice", async () => {
      const { store } = subject;
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
      const { store } = subject;
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
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
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
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      expect(await store.catalog.environment(KEY)).toMatchObject({ decidedSha: sha("a") });
    });

    it("hands out only deliveries of one event when asked", async () => {
      const { store } = subject;
      await store.inbox.insert(delivery({ guid: "push" }));
      await store.inbox.insert(delivery({ guid: "comment", event: "issue_comment" }));
      const found = await store.inbox.next(REPOSITORY.id, 5, "issue_comment");
      expect(found.map(({ guid }) => guid)).toEqual(["comment"]);
    });

    it("decides a delivery piece by piece, and keeps the order", async () => {
      const { store } = subject;
      await store.inbox.insert(delivery());
      const piece = (id: string, isLast: boolean) =>
        decision("guid-1", [], {
          isLast,
          intents: decision("guid-1", []).intents.map((intent) => ({ ...intent, id })),
        });
      await store.inbox.decide([piece("int_z", false)]);
      expect(await store.inbox.next(REPOSITORY.id, 1)).toHaveLength(1);
      await store.inbox.decide([piece("int_a", true)]);
      expect(await store.inbox.next(REPOSITORY.id, 1)).toEqual([]);
      await store.inbox.decide([piece("int_m", true)]);
      const outcomes = await store.inbox.outcomes("guid-1");
      expect(outcomes.map(({ id }) => id)).toEqual(["int_z", "int_a"]);
    });

    it("writes nothing of a delivery that is decided already", async () => {
      const { store } = subject;
      await accept(store, "guid-1", "dep_1");
      const comment = commandComment();
      const sighting = pullRequestSighting();
      const hold = { deploymentId: "dep_1", by: "ana", version: "v1", since: 1 };
      await store.inbox.decide([
        decision("guid-1", [plannedDeployment({ id: "dep_2" })], {
          decidedSha: sha("b"),
          decidedVersion: "v2",
          holds: [{ environment: KEY, hold }],
          cancelled: [{ deploymentId: "dep_1", by: "bo" }],
          sightings: [sighting],
          answers: [answer({ comment })],
        }),
      ]);
      expect(await statesOf(store, "dep_1", "dep_2")).toEqual(["queued", null]);
      expect(await store.catalog.environment(KEY)).toMatchObject({
        decidedSha: sha("a"),
        decidedVersion: null,
        hold: null,
      });
      expect(await store.catalog.pullRequest(sighting, 99_000)).toBeNull();
      await expect(store.conversations.get({ ...sighting })).rejects.toMatchObject({
        code: "internal",
      });
    });

    it("moves the decided commit and the decided version apart", async () => {
      const { store } = subject;
      await decideNew(store, "guid-1", [], { decidedSha: null, decidedVersion: "v1.0.0" });
      await decideNew(store, "guid-2", [], { decidedSha: sha("b") });
      expect(await store.catalog.environmentsOf(REPOSITORY.id)).toMatchObject([
        { decidedSha: sha("b"), decidedVersion: "v1.0.0", hold: null },
      ]);
    });
  });
}
