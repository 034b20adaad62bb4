import { expect, it } from "vitest";
import { joinApplied, type Applied } from "../../src/deployer/applied.ts";
import { aSpec } from "./rollout/rollout-builders.ts";

const old = aSpec();
const begun: Applied = {
  services: { shop_web: { version: 1, previous: old } },
  removed: { shop_old: old },
};

it("goes back to what ran before the first attempt, whatever runs at a later one", () => {
  const now: Applied = { services: { shop_web: { version: 7, previous: null } }, removed: {} };
  expect(joinApplied(begun, now)).toEqual(begun);
});

it("goes back as well on what somebody changed between two attempts, so that the second changes it", () => {
  const api = { version: 3, previous: old };
  const joined = joinApplied(begun, { services: { shop_api: api }, removed: { shop_job: old } });
  expect(joined.services).toEqual({ ...begun.services, shop_api: api });
  expect(Object.keys(joined.removed)).toEqual(["shop_old", "shop_job"]);
});

it("is what the plan says at the first attempt", () => {
  expect(joinApplied(null, begun)).toBe(begun);
});
