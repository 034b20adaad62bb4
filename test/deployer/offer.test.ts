import { expect, it } from "vitest";
import { offerDeploy } from "../../src/deployer/offer.ts";

const SHA = "a".repeat(40);

it("offers the command that deploys a commit", () => {
  expect(offerDeploy("production", SHA)).toBe(`comment \`/deploy production at ${SHA}\``);
});

it("offers no command that would not be read as it is meant", () => {
  expect(offerDeploy("a `b` @c", SHA)).toBe(`deploy commit ${SHA} by name`);
});
