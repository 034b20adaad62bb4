import { describe, expect, it } from "vitest";
import type { ConversationReport } from "../../../src/store/conversation.ts";
import type { Store } from "../../../src/store/ports.ts";
import {
  answer,
  commandComment as comment,
  plannedDeployment,
  REPOSITORY,
} from "../../support/records.ts";
import { accept, claimed, decideNew, runNext, type Subject } from "./subject.ts";

const KEY = { repositoryId: REPOSITORY.id, number: 5 };
const ON_IT = { kind: "comment", pullRequest: KEY.number } as const;

const take = (store: Store, now: number) =>
  store.conversations.take({ now, limit: 10, reserveMs: 500 });
const version = async (store: Store) => (await store.conversations.get(KEY)).version;

/** Saves that all was told; `change` says what else. */
async function tell(store: Store, change: Partial<ConversationReport> = {}): Promise<void> {
  const { report, version: sentVersion } = await store.conversations.get(KEY);
  await store.conversations.save({ ...report, sentVersion, ...change });
}

function makeOnIt(store: Store, id: string) {
  return decideNew(store, id, [plannedDeployment({ id, origin: ON_IT })], { decided: [] });
}

/** Pull requests whose comments are answered. */
export function conversationsContract(subject: Subject): void {
  describe("conversations", () => {
    it("begins with the first comment, and counts each once", async () => {
      const { store } = subject;
      await expect(store.conversations.get(KEY)).rejects.toMatchObject({ code: "internal" });
      await store.conversations.see(comment({ commentId: 502, createdAt: 2_000 }));
      const before = await version(store);
      await store.conversations.see(comment({ commentId: 502, createdAt: 2_000 }));
      expect(await version(store)).toBe(before);
      await store.conversations.see(comment({ commentId: 501, createdAt: 1_000 }));
      const found = await (await subject.reopen()).conversations.get(KEY);
      expect(found.version).toBeGreaterThan(before);
      expect(found.comments).toEqual([
        comment({ commentId: 501, createdAt: 1_000 }),
        comment({ commentId: 502, createdAt: 2_000 }),
      ]);
      expect(found.report).toEqual({
        ...KEY,
        repository: REPOSITORY,
        statusCommentId: null,
        sent: {},
        aboutTo: [],
        sentVersion: 0,
        attempts: 0,
        nextAttemptAt: 0,
        lastError: null,
      });
    });

    it("keeps answers in the order decided, and sees their comments", async () => {
      const { store } = subject;
      const [one, two] = [answer({ line: 2 }), answer({ line: 1, text: "/status" })];
      await decideNew(store, "guid-1", [], { answers: [one] });
      const before = await version(store);
      await decideNew(store, "guid-2", [], { answers: [two] });
      const found = await store.conversations.get(KEY);
      expect(found).toMatchObject({ comments: [comment()], answers: [one, two] });
      expect(found.version).toBeGreaterThan(before);
    });

    it("shows the comments that were seen last", async () => {
      const { store } = subject;
      const all = Array.from({ length: 52 }, (_, index) => comment({ commentId: index }));
      const answers = all.map((about) => answer({ comment: about }));
      await decideNew(store, "guid-1", [], { answers });
      const found = await store.conversations.get(KEY);
      expect(found.comments).toEqual(all.slice(2));
      expect(found.answers).toEqual(answers.slice(2));
    });

    it("shows what was answered, however much strangers write to whom nothing is said", async () => {
      const { store } = subject;
      const asked = answer({ comment: comment({ commentId: 1 }) });
      const flood = Array.from({ length: 60 }, (_, index) =>
        answer({
          comment: comment({ commentId: 100 + index, actor: "eve" }),
          text: '"kind":"shown"',
          result: { kind: "unanswered" },
        }),
      );
      await decideNew(store, "guid-1", [], { answers: [asked, ...flood] });
      const found = await store.conversations.get(KEY);
      expect(found.comments).toHaveLength(51);
      expect(found.answers).toEqual([asked, ...flood.slice(10)]);
    });

    it("knows each pull request of each repository apart", async () => {
      const { store } = subject;
      await store.conversations.see(comment());
      await store.conversations.see(comment({ number: 6 }));
      const elsewhere = { ...REPOSITORY, id: 8 };
      await store.conversations.see(comment({ repository: elsewhere, actor: "bo" }));
      expect(await take(store, 1_000)).toEqual([
        KEY,
        { ...KEY, number: 6 },
        { ...KEY, repositoryId: 8 },
      ]);
      expect((await store.conversations.get(KEY)).comments).toEqual([comment()]);
    });

    it("counts every write of a deployment that was asked for on the pull request", async () => {
      const { store } = subject;
      await makeOnIt(store, "dep_0");
      await store.conversations.see(comment());
      const versions = [await version(store)];
      const note = async () => void versions.push(await version(store));
      await makeOnIt(store, "dep_1");
      await note();
      const { lease } = await claimed(store, 2_000);
      await note();
      await store.deployments.update(lease, { patch: { phase: "build" }, reason: "b", at: 3 });
      await note();
      const end = {
        patch: { state: "failed" },
        reason: "-",
        at: 4,
        desiredReleaseId: null,
      } as const;
      await store.deployments.finish(lease, end);
      await note();
      expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
      await accept(store, "elsewhere", "dep_2");
      await runNext(store, "succeeded");
      expect(await version(store)).toBe(versions.at(-1));
    });

    it("hands a conversation out until GitHub shows its newest version", async () => {
      const { store } = subject;
      expect(await store.conversations.nextDueAt()).toBeNull();
      await store.conversations.see(comment());
      expect(await take(store, 1_000)).toEqual([KEY]);
      expect(await take(store, 1_499)).toEqual([]);
      expect(await store.conversations.nextDueAt()).toBe(1_500);
      expect(await take(store, 1_500)).toEqual([KEY]);
      const shown = { statusCommentId: 9, sent: { status: "x" }, aboutTo: ["y"], lastError: "z" };
      await tell(store, shown);
      expect(await take(store, 9_000)).toEqual([]);
      expect(await store.conversations.nextDueAt()).toBeNull();
      expect((await store.conversations.get(KEY)).report).toMatchObject(shown);
    });

    it("does not let a comment, an answer or an end wait for the next progress edit", async () => {
      const { store } = subject;
      const urgent = [
        () => store.conversations.see(comment({ commentId: 502 })),
        () => decideNew(store, "guid-1", [], { answers: [answer()] }),
        () => makeOnIt(store, "dep_1"),
        () => runNext(store, "succeeded"),
      ];
      await store.conversations.see(comment());
      for (const happen of urgent) {
        await tell(store, { nextAttemptAt: 60_000 });
        await happen();
        expect(await take(store, 2_000)).toEqual([KEY]);
        await tell(store);
      }
    });

    it("lets the progress of a deployment wait for the next edit", async () => {
      const { store } = subject;
      await store.conversations.see(comment());
      await makeOnIt(store, "dep_1");
      await tell(store, { nextAttemptAt: 60_000 });
      await claimed(store, 2_000);
      expect(await take(store, 59_999)).toEqual([]);
      expect(await store.conversations.nextDueAt()).toBe(60_000);
      expect(await take(store, 60_000)).toEqual([KEY]);
    });

    it("hands out at once what came while it was told", async () => {
      const { store } = subject;
      await store.conversations.see(comment());
      await take(store, 1_000);
      const { report, version: sentVersion } = await store.conversations.get(KEY);
      await decideNew(store, "guid-1", [], { answers: [answer()] });
      await store.conversations.save({ ...report, sentVersion, nextAttemptAt: 60_000 });
      expect(await take(store, 1_100)).toEqual([KEY]);
    });

    it("lets a postponed edit wait, when nothing urgent came", async () => {
      const { store } = subject;
      await store.conversations.see(comment());
      await take(store, 1_000);
      const { report } = await store.conversations.get(KEY);
      await store.conversations.save({ ...report, nextAttemptAt: 60_000 });
      expect(await take(store, 59_999)).toEqual([]);
      expect(await take(store, 60_000)).toEqual([KEY]);
    });

    it("lets one that GitHub refuses wait, and loses nothing of what comes meanwhile", async () => {
      const { store } = subject;
      await store.conversations.see(comment());
      await take(store, 1_000);
      const { report } = await store.conversations.get(KEY);
      await decideNew(store, "guid-1", [], { answers: [answer()] });
      const failing = { attempts: 2, nextAttemptAt: 60_000, lastError: "503" };
      await store.conversations.save({ ...report, ...failing });
      await store.conversations.see(comment({ commentId: 502 }));
      expect(await take(store, 59_999)).toEqual([]);
      expect(await take(store, 60_000)).toEqual([KEY]);
      const found = await store.conversations.get(KEY);
      expect(found.report).toMatchObject(failing);
      expect(found.comments).toHaveLength(2);
    });
  });
}
