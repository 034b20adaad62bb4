import { describe, expect, it } from "vitest";
import { KEY, type Subject } from "./subject.ts";

/** Environments and what they own. */
export function catalogContract(subject: Subject): void {
  describe("catalog", () => {
    it("gives a stack name to one environment only", async () => {
      const { store } = subject;
      expect(await store.catalog.claimStack("shop", KEY)).toBe(true);
      expect(await store.catalog.claimStack("shop", KEY)).toBe(true);
      expect(await store.catalog.claimStack("shop", { ...KEY, repositoryId: 8 })).toBe(false);
      expect(await store.catalog.claimStack("shop", { ...KEY, environment: "staging" })).toBe(
        false,
      );
    });
  });
}
