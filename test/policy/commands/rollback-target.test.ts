import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEPLOYMENT_STATES } from "../../../src/deployment.ts";
import type { Ran } from "../../../src/policy/commands/command-facts.ts";
import { findTarget, isUnsettled } from "../../../src/policy/commands/rollback-target.ts";
import { ran } from "../../support/command-facts.ts";
import { deployment } from "../../support/deployments.ts";
import { releaseService, releaseStack } from "../../support/release-stacks.ts";

/** A commit that begins like this. */
const commit = (start: string): string => start.padEnd(40, "0");

/**
 * What ran, oldest first: `v1=11aa` deploys, `<v1=11aa` goes back to the release of an earlier one, `v1=11aa=x` deploys
 * with other variables.
 */
function history(...told: readonly string[]): readonly Ran[] {
  const runs: Ran[] = [];
  for (const [at, text] of told.entries()) {
    const isBack = text.startsWith("<");
    const [version = "", start = "", variables = ""] = text.replace("<", "").split("=");
    const stack = releaseStack(releaseService("shop", { reference: `image:${start}${variables}` }));
    const of = { version, sha: commit(start), stack };
    const earlier = runs.findLast(
      ({ release }) => release.version === version && release.sha === of.sha,
    );
    const id = isBack && earlier ? earlier.release.id : `rel_${at + 1}`;
    runs.push(ran({ ...of, id }, { id: `dep_${at + 1}`, kind: isBack ? "rollback" : "deploy" }));
  }
  return runs.toReversed();
}

/** The target's release and the deployment it comes from, or the code of the refusal. */
function target(runs: readonly Ran[], asked: string | null, unsettled = false): string {
  const current = runs[0]?.release ?? null;
  const about = { environment: "production", runs, current, isUnsettled: unsettled };
  const found = findTarget(about, asked);
  if (found.kind === "refused") return found.refusal.code;
  return `${found.ran.release.version} ${found.ran.release.id} ${found.ran.deployment.id}`;
}

const THREE = history("v1=11aa", "v2=22bb", "v3=33cc");
const refusalOf = (runs: readonly Ran[], asked: string | null) => {
  const current = runs[0]?.release ?? null;
  const found = findTarget({ environment: "production", runs, current, isUnsettled: false }, asked);
  return found.kind === "refused" ? found.refusal : null;
};

describe("the release to go back to", () => {
  it.each<[string, readonly string[], string | null, string]>([
    ["none is named: the one before", ["v1=1111", "v2=2222"], null, "v1 rel_1 dep_1"],
    ["a number of them", ["v1=1111", "v2=2222", "v3=3333"], "2", "v1 rel_1 dep_1"],
    ["one is the one before", ["v1=1111", "v2=2222", "v3=3333"], "1", "v2 rel_2 dep_2"],
    ["a version", ["v1=1111", "v2=2222", "v3=3333"], "v1", "v1 rel_1 dep_1"],
    ["a version without its v", ["v1.9=1111", "v2=2222"], "1.9", "v1.9 rel_1 dep_1"],
    ["a version with a v that it has not", ["1.9=1111", "v2=2222"], "v1.9", "1.9 rel_1 dep_1"],
    [
      "the exact version, where its twin is there as well",
      ["1.9=1111", "v1.9=2222", "v2=3333"],
      "1.9",
      "1.9 rel_1 dep_1",
    ],
    ["a version that looks like a number", ["2=1111", "v2=2222", "v3=3333"], "2", "2 rel_1 dep_1"],
    [
      "a number, though a version is called v2",
      ["v2=1111", "v1=2222", "v3=3333"],
      "2",
      "v2 rel_1 dep_1",
    ],
    ["the beginning of a commit", ["v1=1111", "v2=2222"], "1111", "v1 rel_1 dep_1"],
    ["it, in capital letters", ["v1=abcd", "v2=2222"], "ABCD", "v1 rel_1 dep_1"],
    ["a whole commit", ["v1=1111", "v2=2222"], commit("1111"), "v1 rel_1 dep_1"],
    [
      "a version that is a short commit",
      ["abcd123=abcd123", "v2=2222"],
      "abcd123",
      "abcd123 rel_1 dep_1",
    ],
    [
      "the last of those deployed twice",
      ["v1=1111", "v2=2222", "v1=1111", "v3=3333"],
      "v1",
      "v1 rel_3 dep_3",
    ],
    [
      "what was gone back to before, by its first deployment",
      ["v1=1111", "v2=2222", "<v1=1111", "v3=3333"],
      "v1",
      "v1 rel_1 dep_1",
    ],
    [
      "none, after going back: further back",
      ["v1=1111", "v2=2222", "v3=3333", "<v2=2222"],
      null,
      "v1 rel_1 dep_1",
    ],
    [
      "none, after going back and deploying: not what was fled from",
      ["v1=1111", "v2=2222", "<v1=1111", "v3=3333"],
      null,
      "v1 rel_1 dep_1",
    ],
    [
      "none, with the same commit deployed with other variables: that with the old ones",
      ["v1=1111", "v2=2222", "v2=2222=x"],
      null,
      "v2 rel_2 dep_2",
    ],
    [
      "none, with the same commit deployed twice: another one",
      ["v1=1111", "v2=2222", "v2=2222"],
      null,
      "v1 rel_1 dep_1",
    ],
    [
      "none, with an old one deployed again",
      ["v1=1111", "v2=2222", "v1=1111"],
      null,
      "v2 rel_2 dep_2",
    ],
    ["what was fled from, by its name", ["v1=1111", "v2=2222", "<v1=1111"], "v2", "v2 rel_2 dep_2"],
    [
      "none, after going forward by name",
      ["v1=1111", "v2=2222", "<v1=1111", "<v2=2222"],
      null,
      "v1 rel_1 dep_1",
    ],
    ["the other name of what runs", ["abc=1111", "v2=1111"], "abc", "abc rel_1 dep_1"],
  ])("%s", (_, told, asked, expected) => {
    expect(target(history(...told), asked)).toBe(expected);
  });

  it.each<[string, readonly string[], string | null, string]>([
    ["nothing ever ran", [], null, "nothing_to_roll_back"],
    ["nothing ever ran, by name", [], "v1", "nothing_to_roll_back"],
    ["nothing ran before", ["v1=1111"], null, "nothing_to_roll_back"],
    ["only the same ran before", ["v1=1111", "v1=1111"], null, "nothing_to_roll_back"],
    ["there are not so many", ["v1=1111", "v2=2222"], "2", "nothing_to_roll_back"],
    ["it all was gone back from", ["v1=1111", "v2=2222", "<v1=1111"], null, "nothing_to_roll_back"],
    ["it runs", ["v1=1111", "v2=2222"], "v2", "release_running"],
    ["it runs, by its commit", ["v1=1111", "v2=2222"], "2222", "release_running"],
    ["it runs since a rollback", ["v1=1111", "v2=2222", "<v1=1111"], "v1", "release_running"],
    ["it never ran", ["v1=1111", "v2=2222"], "v9", "version_unknown"],
    ["no commit begins so", ["v1=1111", "v2=2222"], "dead", "version_unknown"],
    ["three digits name no commit", ["v1=11ab", "v2=2222"], "11a", "version_unknown"],
    ["several commits begin so", ["v1=abcd1", "v2=abcd2", "v3=3333"], "abcd", "ref_ambiguous"],
    ["a tag was moved", ["v1=1111", "v1=2222", "v3=3333"], "v1", "ref_ambiguous"],
    ["it is a pattern", ["v1=1111", "v2=2222"], ".*", "version_unknown"],
    ["it is a path", ["v1=1111", "v2=2222"], "../..", "version_unknown"],
    ["it is a property of objects", ["v1=1111", "v2=2222"], "__proto__", "version_unknown"],
  ])("is refused when %s", (_, told, asked, code) => {
    expect(target(history(...told), asked)).toBe(code);
  });

  it("lists the versions that ran when it is unknown", () => {
    expect(refusalOf(THREE, "@all `x`")).toMatchObject({
      code: "version_unknown",
      message: "no release `@all 'x'` ran in production; the last that ran: `v3`, `v2`, `v1`",
      nextStep: "`/history production` shows what ran.",
      suggestion: null,
    });
    const many = history(...["1", "2", "3", "4", "5", "6"].map((n) => `v${n}=${n.repeat(4)}`));
    expect(refusalOf(many, "v9")?.message).toMatch(/: `v6`, `v5`, `v4`, `v3`, `v2`$/u);
  });

  it("lists the candidates as commands when there are several", () => {
    expect(refusalOf(history("v1=abcd1", "v2=abcd2", "v3=3333"), "abcd")?.message).toBe(
      `\`abcd\` means several releases: \`/rollback production ${commit("abcd2")}\`, \`/rollback production ${commit("abcd1")}\``,
    );
  });

  it("may be the one that shall run, while something else may be running", () => {
    expect(target(THREE, null, true)).toBe("v3 rel_3 dep_3");
    expect(target(THREE, "v3", true)).toBe("v3 rel_3 dep_3");
    expect(target(THREE, "2", true)).toBe("v2 rel_2 dep_2");
    expect(target(THREE, "4", true)).toBe("nothing_to_roll_back");
  });

  it("is always one that ran, and another one than runs unless it was named", () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4 }));
    const steps = fc.array(step, { maxLength: 12 });
    const names = fc.constantFrom(null, "1", "2", "3", "v1", "v2", "v3", "1111", "2222", "x");
    fc.assert(
      fc.property(steps, names, (told, asked) => {
        const runs = history(
          ...told.map(([isBack, n]) => `${isBack ? "<" : ""}v${n}=${String(n).repeat(4)}`),
        );
        const [newest] = runs;
        const current = newest?.release ?? null;
        const about = { environment: "production", runs, current, isUnsettled: false };
        const found = findTarget(about, asked);
        if (found.kind === "refused") return;
        expect(runs).toContain(found.ran);
        expect(found.ran.release.sha).not.toBe(current?.sha);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is told so that nothing of a hostile name is live", () => {
    const parts = fc.constantFrom("`", "@all", "<img>", "[a](b)", "\u202e", "\n", "#1", "x", " ");
    const name = fc.array(parts, { minLength: 1, maxLength: 6 }).map((texts) => texts.join(""));
    fc.assert(
      fc.property(name, name, (asked, version) => {
        const runs = history("v1=1111", "v2=2222").map((each) => ({
          ...each,
          release: { ...each.release, version },
        }));
        const message = refusalOf(runs, asked)?.message ?? "";
        const outside = message.split("`").filter((_, index) => index % 2 === 0);
        expect(outside.join("")).toMatch(/^[a-z ,:;0-9]*$/u);
        expect(message).not.toMatch(/[\n\u202e]/u);
      }),
    );
  });

  it("is reached from the newest by as many steps as there are releases on the way, none twice", () => {
    const runs = history(
      "v1=1111",
      "v2=2222",
      "<v1=1111",
      "v3=3333",
      "v4=4444",
      "<v3=3333",
      "v5=5555",
    );
    const way = ["1", "2", "3"].map((count) => target(runs, count).split(" ")[0]);
    expect(way).toEqual(["v3", "v1", "nothing_to_roll_back"]);
  });
});

describe("whether what runs is surely what shall run", () => {
  it.each(DEPLOYMENT_STATES)("with the newest deployment %s", (state) => {
    const isDoubtful = ["running", "rolling_back", "rollback_failed"].includes(state);
    expect(isUnsettled(deployment({ state }))).toBe(isDoubtful);
    const rollback = deployment({ state, kind: "rollback" });
    expect(isUnsettled(rollback)).toBe(state === "rollback_failed");
  });

  it("in an environment where nothing was deployed", () => {
    expect(isUnsettled(null)).toBe(false);
  });
});
