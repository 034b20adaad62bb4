import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseComment } from "../../src/commands/parse.ts";
import { resolveWords } from "../../src/commands/resolve.ts";

const ONE = { app: "shop", environments: ["production"] };
const TWO = { app: "shop", environments: ["staging", "production"] };
const NONE = { app: "shop", environments: [] };
/** An environment that is called like the app, and one that is called like a version. */
const NAMESAKES = { app: "shop", environments: ["shop", "v2"] };

function resolve(line: string, known: typeof TWO): ReturnType<typeof resolveWords> {
  const [parsed] = parseComment(line);
  if (parsed?.kind !== "command") throw new Error(`no command: ${line}`);
  return resolveWords(parsed.command, known);
}

describe("words", () => {
  it.each([
    // One environment needs no name.
    ["/deploy", ONE, "production", null],
    ["/deploy shop", ONE, "production", null],
    ["/deploy production", ONE, "production", null],
    ["/deploy shop to production at v1", ONE, "production", null],
    ["/rollback", ONE, "production", null],
    ["/rollback v1.9.0", ONE, "production", "v1.9.0"],
    ["/rollback 2", ONE, "production", "2"],
    ["/rollback 99", ONE, "production", "99"],
    ["/rollback abc1234", ONE, "production", "abc1234"],
    ["/rollback 1234567", ONE, "production", "1234567"],
    ["/rollback shop", ONE, "production", null],
    ["/rollback shop v1.9.0", ONE, "production", "v1.9.0"],
    ["/rollback stable", ONE, "production", "stable"],
    ["/resume", ONE, "production", null],
    ["/cancel", ONE, "production", null],
    ["/retry", ONE, "production", null],
    // Several: the one that is named.
    ["/deploy staging", TWO, "staging", null],
    ["/deploy shop staging", TWO, "staging", null],
    ["/rollback production", TWO, "production", null],
    ["/rollback production v1.9.0", TWO, "production", "v1.9.0"],
    ["/rollback production to v1.9.0", TWO, "production", "v1.9.0"],
    ["/rollback production 3", TWO, "production", "3"],
    ["/rollback production stagin", TWO, "production", "stagin"],
    ["/rollback shop production", TWO, "production", null],
    ["/rollback shop production v1.9.0", TWO, "production", "v1.9.0"],
    ["/resume staging", TWO, "staging", null],
    ["/cancel shop staging", TWO, "staging", null],
    ["/retry staging", TWO, "staging", null],
    // What only shows may be about all of them.
    ["/status", TWO, null, null],
    ["/status", ONE, null, null],
    ["/status shop", TWO, null, null],
    ["/status staging", TWO, "staging", null],
    ["/history", TWO, null, null],
    ["/history shop production", TWO, "production", null],
    ["/status", NONE, null, null],
    ["/help", TWO, null, null],
    ["/help deploy", NONE, null, null],
    // An environment's name wins over the app's and over a version's.
    ["/deploy shop", NAMESAKES, "shop", null],
    ["/deploy shop shop", NAMESAKES, "shop", null],
    ["/rollback shop", NAMESAKES, "shop", null],
    ["/rollback shop v2", NAMESAKES, "v2", null],
    ["/rollback shop v1", NAMESAKES, "shop", "v1"],
    ["/rollback v2", NAMESAKES, "v2", null],
    ["/rollback v2 v2", NAMESAKES, "v2", "v2"],
    ["/rollback v1", { app: "shop", environments: ["v2"] }, "v2", "v1"],
  ])("of %s are understood", (line, known, environment, target) => {
    expect(resolve(line, known)).toEqual({ kind: "resolved", environment, target });
  });

  it.each([
    [
      "/deploy",
      TWO,
      "environment_ambiguous",
      "there are several environments and `/deploy` names none: write `/deploy staging` or `/deploy production`",
      null,
    ],
    [
      "/deploy at v1.2",
      TWO,
      "environment_ambiguous",
      "there are several environments and `/deploy` names none: write `/deploy staging at v1.2` or `/deploy production at v1.2`",
      null,
    ],
    [
      "/deploy",
      { app: "shop", environments: ["to", "at"] },
      "environment_ambiguous",
      "there are several environments and `/deploy` names none: write `/deploy [app] [to] [environment] [at <tag, branch or commit>]`",
      null,
    ],
    [
      "/deploy at `x`",
      TWO,
      "environment_ambiguous",
      "there are several environments and `/deploy` names none: write `/deploy [app] [to] [environment] [at <tag, branch or commit>]`",
      null,
    ],
    [
      "/rollback v1.9.0",
      TWO,
      "environment_ambiguous",
      "there are several environments and `/rollback` names none: write `/rollback staging v1.9.0` or `/rollback production v1.9.0`",
      null,
    ],
    [
      "/resume shop",
      TWO,
      "environment_ambiguous",
      "there are several environments and `/resume` names none: write `/resume staging` or `/resume production`",
      null,
    ],
    [
      "/deploy Staging",
      TWO,
      "environment_unknown",
      "there is no environment `Staging`: did you mean `/deploy staging`?",
      "/deploy staging",
    ],
    [
      "/deploy prodution at v1",
      TWO,
      "environment_unknown",
      "there is no environment `prodution`: did you mean `/deploy production at v1`?",
      "/deploy production at v1",
    ],
    [
      "/deploy shop Staging",
      TWO,
      "environment_unknown",
      "there is no environment `Staging`: did you mean `/deploy staging`?",
      "/deploy staging",
    ],
    [
      "/deploy qa",
      TWO,
      "environment_unknown",
      "there is no environment `qa`: write `staging` or `production`",
      null,
    ],
    [
      "/deploy Shop",
      TWO,
      "environment_unknown",
      "there is no environment `Shop`: did you mean `/deploy shop`?",
      "/deploy shop",
    ],
    [
      "/deploy v1.9.0",
      ONE,
      "environment_unknown",
      "there is no environment `v1.9.0`: write `/deploy production at v1.9.0`",
      null,
    ],
    [
      "/deploy abc1234",
      TWO,
      "environment_unknown",
      "there is no environment `abc1234`: write `/deploy staging at abc1234` or `/deploy production at abc1234`",
      null,
    ],
    [
      "/deploy shpo staging",
      TWO,
      "environment_unknown",
      "there is no app `shpo`: did you mean `/deploy shop staging`?",
      "/deploy shop staging",
    ],
    [
      "/status a b",
      TWO,
      "environment_unknown",
      "there is no app `a`: the only one is `shop`",
      null,
    ],
    [
      "/deploy staging shop",
      TWO,
      "command_invalid",
      "`shop` stands after the environment: did you mean `/deploy shop staging`?",
      "/deploy shop staging",
    ],
    [
      "/deploy staging v1.2",
      TWO,
      "command_invalid",
      "`v1.2` stands after the environment: did you mean `/deploy staging at v1.2`?",
      "/deploy staging at v1.2",
    ],
    [
      "/deploy staging now at v1",
      TWO,
      "command_invalid",
      "`now` stands after the environment: did you mean `/deploy staging at v1`?",
      "/deploy staging at v1",
    ],
    [
      "/cancel staging please",
      TWO,
      "command_invalid",
      "`please` stands after the environment: did you mean `/cancel staging`?",
      "/cancel staging",
    ],
    [
      "/deploy staging <b>",
      TWO,
      "command_invalid",
      "`<b>` stands after the environment: write `/deploy [app] [to] [environment] [at <tag, branch or commit>]`",
      null,
    ],
    [
      "/rollback Production",
      ONE,
      "environment_unknown",
      "there is no environment `Production`: did you mean `/rollback production`?",
      "/rollback production",
    ],
    [
      "/rollback shop prodution",
      TWO,
      "environment_unknown",
      "there is no environment `prodution`: did you mean `/rollback production`?",
      "/rollback production",
    ],
    [
      "/rollback Production v1.9.0",
      TWO,
      "environment_unknown",
      "there is no environment `Production`: did you mean `/rollback production v1.9.0`?",
      "/rollback production v1.9.0",
    ],
    [
      "/rollback shop prod v1.9.0",
      TWO,
      "environment_unknown",
      "there is no environment `prod`: write `staging` or `production`",
      null,
    ],
    [
      "/rollback v1.9.0 production",
      TWO,
      "command_invalid",
      "`v1.9.0` stands before the environment: did you mean `/rollback production v1.9.0`?",
      "/rollback production v1.9.0",
    ],
    [
      "/rollback shpo production",
      TWO,
      "environment_unknown",
      "there is no app `shpo`: did you mean `/rollback shop production`?",
      "/rollback shop production",
    ],
    [
      "/rollback blog production v1",
      TWO,
      "environment_unknown",
      "there is no app `blog`: did you mean `/rollback shop production v1`?",
      "/rollback shop production v1",
    ],
    [
      "/rollback 0",
      ONE,
      "command_invalid",
      "`0` is no number of releases to go back: write 1 to 99, a version or a commit",
      null,
    ],
    [
      "/rollback production 100",
      TWO,
      "command_invalid",
      "`100` is no number of releases to go back: write 1 to 99, a version or a commit",
      null,
    ],
    [
      "/rollback 02",
      ONE,
      "command_invalid",
      "`02` is no number of releases to go back: write 1 to 99, a version or a commit",
      null,
    ],
    [
      "/deploy",
      NONE,
      "environment_unknown",
      "`shop` has no environment: add one to `.github/skep.yml`",
      null,
    ],
    [
      "/deploy staging",
      NONE,
      "environment_unknown",
      "`shop` has no environment: add one to `.github/skep.yml`",
      null,
    ],
  ])("of %s are refused", (line, known, code, message, suggestion) => {
    expect(resolve(line, known)).toEqual({ kind: "refused", code, message, suggestion });
  });

  it("name at most ten environments in a refusal", () => {
    const environments = Array.from({ length: 30 }, (_, index) => `region-${index}`);
    const refusal = resolve("/deploy", { app: "shop", environments });
    const named = refusal.kind === "refused" ? refusal.message.match(/\/deploy region/gu) : null;
    expect(named).toHaveLength(10);
  });

  it("of any kind name what exists or are refused, and are not echoed live", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "shop",
        "to",
        "at",
        "staging",
        "production",
        "Staging",
        "v1.9.0",
        "2",
        "0",
        "abc1234",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 255 }),
    );
    const command = fc.oneof(
      fc.record({
        verb: fc.constant("deploy" as const),
        words: fc.array(word, { maxLength: 2 }),
        at: fc.option(word),
      }),
      fc.record({
        verb: fc.constant("rollback" as const),
        words: fc.array(word, { maxLength: 3 }),
      }),
      fc.record({
        verb: fc.constantFrom("status" as const, "history", "resume", "cancel", "retry"),
        words: fc.array(word, { maxLength: 2 }),
      }),
    );
    fc.assert(
      fc.property(command, fc.constantFrom(ONE, TWO, NONE, NAMESAKES), (asked, known) => {
        const resolution = resolveWords(asked, known);
        if (resolution.kind === "resolved") {
          expect([null, ...known.environments]).toContain(resolution.environment);
          if (resolution.target !== null) expect(asked.words.at(-1)).toBe(resolution.target);
          return;
        }
        expect(resolution.message.replaceAll(/`[^`\n]*`/gu, "")).toMatch(/^[A-Za-z0-9 :,?.]*$/u);
        expect(resolution.message).not.toMatch(/`[^`]{256}/u);
        const [line] = parseComment(resolution.suggestion ?? "/status");
        expect(line?.kind).toBe("command");
      }),
      { numRuns: 3000 },
    );
  });

  it("that were suggested are understood", () => {
    const { environments } = TWO;
    for (const line of ["/deploy Staging", "/rollback v1 production", "/deploy staging v1"]) {
      const refusal = resolve(line, TWO);
      if (refusal.kind !== "refused" || refusal.suggestion === null) throw new Error(line);
      const again = resolve(refusal.suggestion, TWO);
      expect(again.kind === "resolved" ? environments : []).toContain(
        again.kind === "resolved" ? again.environment : null,
      );
    }
  });
});
