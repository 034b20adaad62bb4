import { describe, expect, it } from "vitest";
import { type Subject } from "./subject.ts";

/** Operator codes and sessions. */
export function sessionsContract(subject: Subject): void {
  describe("operator sessions", () => {
    it("redeems a code once, before it runs out", async () => {
      const { store } = subject;
      await store.sessions.addCode("c1", 2_000);
      await store.sessions.addCode("c2", 2_000);
      expect(await store.sessions.redeemCode("c1", 1_999)).toBe(true);
      expect(await store.sessions.redeemCode("c1", 1_999)).toBe(false);
      expect(await store.sessions.redeemCode("c2", 2_000)).toBe(false);
    });

    it("knows a session until it runs out", async () => {
      const { store } = subject;
      await store.sessions.addSession("s", 2_000);
      expect(await store.sessions.hasSession("s", 1_999)).toBe(true);
      expect(await store.sessions.hasSession("x", 1_999)).toBe(false);
      expect(await store.sessions.hasSession("s", 2_000)).toBe(false);
    });
  });
}
