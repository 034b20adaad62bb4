import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LaneKind, WakeUps } from "../../src/queue/ports.ts";
import { waitUntil } from "../support/wait-until.ts";

/** What all wake-ups must do. `open` gives fresh ones that nobody else uses. */
export function wakeUpsContract(
  name: string,
  open: () => Promise<{ wakeUps: WakeUps; cleanUp: () => Promise<void> }>,
): void {
  describe(`wake-ups: ${name}`, () => {
    let wakeUps: WakeUps;
    let cleanUp: () => Promise<void>;
    let seen: string[];

    beforeEach(async () => {
      ({ wakeUps, cleanUp } = await open());
      seen = [];
    });
    afterEach(async () => cleanUp());

    const note = (kind: LaneKind, lane: string): Promise<void> => {
      seen.push(`${kind} ${lane}`);
      return Promise.resolve();
    };
    const untilSeen = (count: number): Promise<void> =>
      waitUntil(`${count} were seen`, () => seen.length >= count, 10_000);

    it("hands over what came before and what comes after listening began", async () => {
      await wakeUps.wake("decision", "1");
      await wakeUps.listen(note);
      await untilSeen(1);
      await wakeUps.wake("deployment", "1/shop/production");
      await untilSeen(2);
      expect(seen).toEqual(["decision 1", "deployment 1/shop/production"]);
    });

    it("keeps the two kinds apart", async () => {
      await wakeUps.listen(note);
      await wakeUps.wake("decision", "same");
      await wakeUps.wake("deployment", "same");
      await untilSeen(2);
      expect(seen.toSorted()).toEqual(["decision same", "deployment same"]);
    });

    it("keeps one wake-up for a lane that nobody has looked at yet", async () => {
      await Promise.all(Array.from({ length: 20 }, () => wakeUps.wake("decision", "1")));
      await wakeUps.listen(note);
      await wakeUps.wake("decision", "last");
      await waitUntil("the last is seen", () => seen.includes("decision last"), 10_000);
      await waitUntil("the first is seen", () => seen.includes("decision 1"), 10_000);
      expect(seen.filter((entry) => entry === "decision 1")).toHaveLength(1);
    });

    it("runs a lane once more, and never beside itself, for wake-ups that come while it runs", async () => {
      const gate = Promise.withResolvers<void>();
      let runs = 0;
      let atOnce = 0;
      let most = 0;
      await wakeUps.listen(async () => {
        runs += 1;
        atOnce += 1;
        most = Math.max(most, atOnce);
        if (runs === 1) await gate.promise;
        atOnce -= 1;
      });
      await wakeUps.wake("deployment", "a");
      await waitUntil("it runs", () => runs === 1, 10_000);
      for (let i = 0; i < 10; i++) await wakeUps.wake("deployment", "a");
      await wakeUps.wake("deployment", "b");
      await waitUntil("the other lane ran", () => runs === 2, 10_000);
      gate.resolve();
      await waitUntil("it ran again", () => runs >= 3, 10_000);
      expect(most).toBe(2);
    });

    it("loses none of the wake-ups of a busy lane", async () => {
      let wanted = 0;
      let done = 0;
      await wakeUps.listen(() => {
        done = wanted;
        return Promise.resolve();
      });
      for (let i = 0; i < 200; i++) {
        wanted += 1;
        await wakeUps.wake("decision", "1");
      }
      await waitUntil("the newest was seen", () => done === 200, 10_000);
    });

    it("goes on after a listener that throws", async () => {
      await wakeUps.listen((kind, lane) => {
        seen.push(`${kind} ${lane}`);
        return Promise.reject(new Error("listener"));
      });
      await wakeUps.wake("decision", "1");
      await untilSeen(1);
      await wakeUps.wake("decision", "1");
      await untilSeen(2);
    });

    it.each(["a b", "wait", "id", "7/shop/production", "ünïcode", "a:b#0", "null", "x\ny", "42"])(
      "takes %j as the name of a lane",
      async (lane) => {
        await wakeUps.listen(note);
        await wakeUps.wake("deployment", lane);
        await untilSeen(1);
        expect(seen).toEqual([`deployment ${lane}`]);
      },
    );

    it("closes when what runs has ended, and hands over nothing more", async () => {
      const gate = Promise.withResolvers<void>();
      await wakeUps.listen(async (kind, lane) => {
        await note(kind, lane);
        await gate.promise;
      });
      await wakeUps.wake("decision", "1");
      await untilSeen(1);
      let isClosed = false;
      const closing = wakeUps.close().then(() => {
        isClosed = true;
      });
      await wakeUps.wake("decision", "1").catch(() => undefined);
      expect(isClosed).toBe(false);
      gate.resolve();
      await closing;
      expect(seen).toEqual(["decision 1"]);
    });
  });
}
