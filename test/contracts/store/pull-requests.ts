import { describe, expect, it } from "vitest";
import type { PullRequestSighting } from "../../../src/intent.ts";
import type { Store } from "../../../src/store/ports.ts";
import { pullRequestSighting as sighting, sha } from "../../support/records.ts";
import { decideNew, type Subject } from "./subject.ts";

const KEY = sighting();

function see(store: Store, guid: string, sightings: readonly PullRequestSighting[]) {
  return decideNew(store, guid, [], { decided: [], intents: [], sightings });
}

/** How pull requests stood. */
export function pullRequestsContract(subject: Subject): void {
  describe("pull requests", () => {
    it("tells how a pull request stood before a time", async () => {
      const { store } = subject;
      const opened = sighting({ at: 10_000 });
      const pushed = sighting({ at: 20_000, headSha: sha("b") });
      const closed = sighting({ at: 30_000, headSha: sha("b"), isOpen: false, isFork: true });
      await see(store, "guid-1", [opened]);
      await see(store, "guid-2", [closed]);
      await see(store, "guid-3", [pushed]);
      const { catalog } = store;
      expect(await catalog.pullRequest(KEY, 9_000)).toBeNull();
      expect(await catalog.pullRequest(KEY, 15_000)).toEqual(opened);
      expect(await catalog.pullRequest(KEY, 20_000)).toEqual(opened);
      expect(await catalog.pullRequest(KEY, 21_000)).toEqual(pushed);
      expect(await catalog.pullRequest(KEY, 30_000)).toEqual(pushed);
      expect(await catalog.pullRequest(KEY, 31_000)).toEqual(closed);
    });

    it("takes the first sighting for a comment of the same second, since none comes before it", async () => {
      const { store } = subject;
      const opened = sighting({ at: 10_000 });
      const pushed = sighting({ at: 10_000, headSha: sha("b") });
      await see(store, "guid-1", [opened, pushed]);
      expect(await store.catalog.pullRequest(KEY, 10_000)).toEqual(opened);
      expect(await store.catalog.pullRequest(KEY, 11_000)).toEqual(pushed);
    });

    it("knows each pull request of each repository apart", async () => {
      const { store } = subject;
      await see(store, "guid-1", [sighting({ number: 6 }), sighting({ repositoryId: 8 })]);
      expect(await store.catalog.pullRequest(KEY, 99_000)).toBeNull();
      const other = await store.catalog.pullRequest({ repositoryId: 8, number: 5 }, 99_000);
      expect(other).toEqual(sighting({ repositoryId: 8 }));
    });

    it("forgets what is older than the newest fifty, but not the first", async () => {
      const { store } = subject;
      const all = Array.from({ length: 60 }, (_, index) => sighting({ at: index * 1_000 }));
      await see(store, "guid-1", [...all, ...all.slice(20)]);
      const at = async (before: number) => (await store.catalog.pullRequest(KEY, before))?.at;
      expect(await at(99_000)).toBe(59_000);
      expect(await at(10_500)).toBe(10_000);
      expect(await at(9_500)).toBe(0);
      expect(await at(0)).toBe(0);
    });
  });
}
