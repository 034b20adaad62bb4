import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findHead, findNamed, type HeadFacts } from "../../../src/policy/commands/find-commit.ts";
import type { Resolved } from "../../../src/source/ports.ts";
import { pullRequestSighting, sha } from "../../support/records.ts";

const found = (commit: string, ref: string | null = null): Resolved => ({
  kind: "found",
  sha: commit,
  ref,
  title: "Add a badge",
});
const HEAD: HeadFacts = {
  number: 5,
  isOpen: true,
  sighting: pullRequestSighting({ headSha: sha("a") }),
  current: sha("a"),
  resolved: found(sha("a")),
};
const head = (change: Partial<HeadFacts>) => findHead({ ...HEAD, ...change }, "production");
const named = (name: string, resolved: Resolved) => findNamed(name, resolved, "production");

describe("the head of a pull request", () => {
  it("is deployed as its number says, bound to stay so", () => {
    expect(head({})).toEqual({
      kind: "commit",
      commit: {
        sha: sha("a"),
        ref: "refs/pull/5/head",
        version: "aaaaaaa",
        title: "Add a badge",
        headOf: 5,
      },
    });
  });

  it.each<[string, Partial<HeadFacts>, string, string | null]>([
    ["closed", { isOpen: false }, "pull_request_closed", null],
    [
      "closed, and a fork's",
      { isOpen: false, sighting: pullRequestSighting({ isFork: true }) },
      "pull_request_closed",
      null,
    ],
    ["a fork's", { sighting: pullRequestSighting({ isFork: true }) }, "fork_refused", null],
    [
      "not known from before",
      { sighting: null },
      "head_unknown",
      `/deploy production at ${sha("a")}`,
    ],
    [
      "not known, and in no branch",
      { sighting: null, resolved: { kind: "foreign", sha: sha("a") } },
      "head_unknown",
      null,
    ],
    [
      "not known, and its commit the name of a branch of another",
      { sighting: null, resolved: found(sha("b"), `refs/heads/${sha("a")}`) },
      "head_unknown",
      null,
    ],
    ["gone from GitHub", { current: null }, "head_unknown", null],
    [
      "another by now",
      { current: sha("b"), resolved: { kind: "unknown" } },
      "ref_changed",
      `/deploy production at ${sha("b")}`,
    ],
    [
      "in no branch of the repository",
      { resolved: { kind: "foreign", sha: sha("a") } },
      "commit_not_in_repository",
      null,
    ],
    [
      "the name of a branch of another commit",
      { resolved: found(sha("b"), `refs/heads/${sha("a")}`) },
      "commit_not_in_repository",
      null,
    ],
  ])("is refused when it is %s", (_, change, code, suggestion) => {
    expect(head(change)).toMatchObject({ kind: "refused", refusal: { code, suggestion } });
  });

  it("is refused with both commits in full when it has moved", () => {
    const refused = head({ current: sha("b") });
    expect(refused).toMatchObject({
      refusal: {
        message: `the head of this pull request was ${sha("a")} when the command was written, and is ${sha("b")} now`,
      },
    });
  });

  it("of a fork is never deployed, nor a commit that was not the head before and is not now", () => {
    const shas = fc.constantFrom(sha("a"), sha("b"));
    const resolved = fc.oneof(
      fc.record({ kind: fc.constant("found" as const), sha: shas, ref: fc.constant(null) }),
      fc.record({ kind: fc.constant("foreign" as const), sha: shas }),
      fc.constant({ kind: "unknown" as const }),
    );
    const sighting = fc.option(
      fc.record({ headSha: shas, isFork: fc.boolean(), isOpen: fc.boolean() }),
    );
    const facts = fc.record({ isOpen: fc.boolean(), current: fc.option(shas), resolved, sighting });
    fc.assert(
      fc.property(facts, (change) => {
        const seen = change.sighting && pullRequestSighting(change.sighting);
        const answer = { ...change.resolved, title: "" } as Resolved;
        const finding = head({ ...change, resolved: answer, sighting: seen });
        if (finding.kind === "refused") return;
        expect(seen).toMatchObject({ isFork: false, headSha: finding.commit.sha });
        expect(change).toMatchObject({ isOpen: true, current: finding.commit.sha });
        expect(change.resolved).toMatchObject({ kind: "found", sha: finding.commit.sha });
        expect(finding.commit.headOf).toBe(5);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a named commit", () => {
  it.each<[string, Resolved, { ref: string; version: string }]>([
    ["v1.9.0", found(sha("a"), "refs/tags/v1.9.0"), { ref: "refs/tags/v1.9.0", version: "v1.9.0" }],
    ["main", found(sha("a"), "refs/heads/main"), { ref: "refs/heads/main", version: "aaaaaaa" }],
    ["aaaaaaa", found(sha("a")), { ref: sha("a"), version: "aaaaaaa" }],
    [sha("a").toUpperCase(), found(sha("a")), { ref: sha("a"), version: "aaaaaaa" }],
    [
      "tags/deep",
      found(sha("a"), "refs/tags/tags/deep"),
      { ref: "refs/tags/tags/deep", version: "tags/deep" },
    ],
  ])("%s is deployed as what it is, whatever the pull request's head", (name, resolved, is) => {
    expect(named(name, resolved)).toEqual({
      kind: "commit",
      commit: { sha: sha("a"), title: "Add a badge", headOf: null, ...is },
    });
  });

  it.each<[string, string, Resolved, string]>([
    ["nothing known", "v9", { kind: "unknown" }, "ref_unknown"],
    ["a flag of git", "--upload-pack=x", { kind: "unknown" }, "ref_unknown"],
    ["a path", "../..", { kind: "unknown" }, "ref_unknown"],
    [
      "a pull request's head by its ref",
      "refs/pull/6/head",
      found(sha("a"), "refs/pull/6/head"),
      "ref_unknown",
    ],
    [
      "a commit of a fork",
      sha("c"),
      { kind: "foreign", sha: sha("c") },
      "commit_not_in_repository",
    ],
    [
      "a commit, which a branch is called like",
      sha("c"),
      found(sha("a"), `refs/heads/${sha("c")}`),
      "ref_ambiguous",
    ],
  ])("that is %s is refused", (_, name, resolved, code) => {
    expect(named(name, resolved)).toMatchObject({ kind: "refused", refusal: { code } });
  });

  it("that means several lists them as commands", () => {
    const candidates = ["refs/heads/v1", "refs/tags/v1", "refs/heads/a`b<img>"];
    expect(named("v1", { kind: "ambiguous", candidates })).toMatchObject({
      refusal: {
        code: "ref_ambiguous",
        message:
          "`v1` means several commits: `/deploy production at refs/heads/v1`, `/deploy production at refs/tags/v1`, `refs/heads/a'b<img>`",
      },
    });
  });

  it("is told without backticks of its own", () => {
    const refused = named("`@everyone` [x](y)", { kind: "unknown" });
    expect(refused).toMatchObject({
      refusal: {
        message: "this repository has no branch, tag or commit `'@everyone' [x](y)`",
        suggestion: null,
      },
    });
  });
});
