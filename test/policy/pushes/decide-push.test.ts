import { describe, expect, it } from "vitest";
import {
  decidePush,
  type EnvironmentFacts,
  type PushFacts,
} from "../../../src/policy/pushes/decide-push.ts";
import { pushIntent, REPOSITORY, sha } from "../../support/records.ts";

const ENVIRONMENT: EnvironmentFacts = {
  name: "production",
  stackName: "shop-production",
  url: "https://shop.example.com",
  decidedSha: null,
  isBehindDecided: false,
  hasChanged: true,
  ownsStack: true,
  hold: null,
};

function facts(
  environments: readonly Partial<EnvironmentFacts>[],
  rest: Partial<PushFacts> = {},
): PushFacts {
  return {
    app: "shop",
    policySha: sha("f"),
    place: "unknown",
    environments: environments.map((environment) => ({ ...ENVIRONMENT, ...environment })),
    problems: [],
    warnings: [],
    ...rest,
  };
}

describe("a push", () => {
  it("deploys the commit to each environment of its branch", () => {
    const verdict = decidePush(pushIntent(), facts([{}, { name: "staging", stackName: "s" }]));
    expect(verdict.outcome.kind).toBe("accepted");
    expect(verdict.deployments).toMatchObject([
      {
        environment: "production",
        lane: `${REPOSITORY.id}/shop/production`,
        state: "queued",
        sha: sha("a"),
        version: "aaaaaaa",
        policySha: sha("f"),
        environmentUrl: "https://shop.example.com",
      },
      { environment: "staging", stackName: "s" },
    ]);
    expect(verdict.decided).toHaveLength(2);
  });

  it("is ignored on a branch that no environment names", () => {
    expect(decidePush(pushIntent({ ref: "refs/heads/wip" }), facts([]))).toMatchObject({
      outcome: {
        kind: "ignored",
        code: "branch_not_deployed",
        message: expect.stringContaining("wip"),
      },
      deployments: [],
      decided: [],
    });
  });

  it.each([
    ["the same commit again", { decidedSha: sha("a") }, {}, "commit_already_decided"],
    [
      "a late delivery",
      { decidedSha: sha("b"), isBehindDecided: true },
      {},
      "commit_already_decided",
    ],
    [
      "a forced push back",
      { decidedSha: sha("b"), isBehindDecided: true },
      { before: sha("b") },
      null,
    ],
    ["a forced push aside", { decidedSha: sha("b"), isBehindDecided: false }, {}, null],
    ["nothing under the path", { decidedSha: sha("b"), hasChanged: false }, {}, "path_unchanged"],
  ] as const)("%s", (_, environment, intent, code) => {
    const { outcome } = decidePush(pushIntent(intent), facts([environment]));
    expect(outcome.kind === "accepted" ? null : outcome.code).toBe(code);
  });

  it("of the branch's head counts, though a newer commit was decided before it was taken back", () => {
    const environment = { decidedSha: sha("b"), isBehindDecided: true };
    const at = facts([environment], { place: "head" });
    expect(decidePush(pushIntent({ isForced: true }), at).outcome.kind).toBe("accepted");
    expect(decidePush(pushIntent(), at).outcome).toMatchObject({ code: "commit_already_decided" });
  });

  it("of a commit that the branch has lost since deploys nothing", () => {
    expect(decidePush(pushIntent(), facts([{}], { place: "gone" }))).toMatchObject({
      outcome: { kind: "ignored", code: "superseded" },
      deployments: [],
      decided: [],
    });
  });

  it("remembers a commit that changes nothing, so that it is not looked at again", () => {
    const verdict = decidePush(pushIntent(), facts([{ decidedSha: sha("b"), hasChanged: false }]));
    expect(verdict).toMatchObject({ deployments: [], decided: [{ environment: "production" }] });
  });

  it("waits where the environment is held, and counts as decided", () => {
    const hold = { deploymentId: "dep_9", by: "ana", version: "v1.0.0", since: 1 };
    const environments = [{ hold }, { name: "staging" }, { name: "live", hold, ownsStack: false }];
    const { outcome, deployments, decided } = decidePush(pushIntent(), facts(environments));
    expect(outcome.kind).toBe("accepted");
    expect(decided).toHaveLength(3);
    expect(deployments).toMatchObject([
      { environment: "production", state: "waiting", waitingFor: hold },
      { environment: "staging", state: "queued", waitingFor: null },
      { environment: "live", state: "refused", waitingFor: null },
    ]);
    expect(decidePush(pushIntent(), facts([{ hold }])).outcome.kind).toBe("accepted");
    const unchanged = decidePush(pushIntent(), facts([{ hold, hasChanged: false }]));
    expect(unchanged).toMatchObject({ outcome: { code: "path_unchanged" }, deployments: [] });
  });

  it("refuses a configuration with problems, on the record of each environment", () => {
    const problem = {
      path: ".github/skep.yml",
      line: 3,
      level: "failure" as const,
      title: "unknown key",
      message: "remove it",
    };
    const verdict = decidePush(pushIntent(), facts([{}], { problems: [problem, problem] }));
    expect(verdict.outcome).toMatchObject({ kind: "refused", code: "config_invalid" });
    expect(verdict.deployments).toMatchObject([
      {
        state: "refused",
        failure: {
          summary: expect.stringContaining("2 problems"),
          annotations: [problem, problem],
        },
      },
    ]);
  });

  it("refuses a stack that belongs to another environment, and deploys the others", () => {
    const verdict = decidePush(pushIntent(), facts([{ ownsStack: false }, { name: "staging" }]));
    expect(verdict.outcome.kind).toBe("accepted");
    expect(verdict.deployments).toMatchObject([
      { state: "refused", failure: { code: "stack_not_owned" } },
      { state: "queued", failure: null },
    ]);
    const alone = decidePush(pushIntent(), facts([{ ownsStack: false }]));
    expect(alone.outcome).toMatchObject({ kind: "refused", code: "stack_not_owned" });
  });
});
