import { expect, it } from "vitest";
import { refName } from "../src/ref-name.ts";

it.each([
  ["refs/heads/main", "branch", "main"],
  ["refs/heads/refs/tags/x", "branch", "refs/tags/x"],
  ["refs/tags/v1.9.0", "tag", "v1.9.0"],
  ["refs/pull/12/head", "pull_request", "#12"],
  ["refs/pull/12/head/x", "branch", "refs/pull/12/head/x"],
  ["a".repeat(40), "commit", "aaaaaaa"],
])("%s is a %s called %s", (ref, kind, name) => {
  expect(refName(ref)).toEqual({ kind, name });
});
