import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TagIntent } from "../../../src/intent.ts";
import { decideTag, type TagFacts, type TagTarget } from "../../../src/policy/tags/decide-tag.ts";
import { isOlderVersion } from "../../../src/policy/tags/version-order.ts";
import { REPOSITORY, sha } from "../../support/records.ts";

const HOLD = { deploymentId: "dep_9", by: "ana", version: "v1.0.0", since: 1 };
const PRODUCTION: TagTarget = {
  name: "production",
  stackName: "shop-production",
  url: "https://shop.example.com",
  ownsStack: true,
  hold: null,
  decidedSha: null,
  decidedVersion: null,
  isBehindDecided: false,
};

function intent(overrides: Partial<TagIntent> = {}): TagIntent {
  return {
    kind: "tag",
    cause: "push",
    repository: REPOSITORY,
    actor: "ana",
    deliveryGuid: "guid-1",
    tag: "v1.9.0",
    sha: sha("a"),
    title: "Add the shop",
    defaultBranch: "main",
    ...overrides,
  };
}

function facts(
  environments: readonly Partial<TagTarget>[],
  overrides: Partial<TagFacts> = {},
): TagFacts {
  return {
    app: "shop",
    policySha: sha("f"),
    sha: sha("a"),
    title: "Now",
    environments: environments.map((target) => ({ ...PRODUCTION, ...target })),
    problems: [],
    warnings: [],
    ...overrides,
  };
}

const PROBLEM = {
  path: ".github/skep.yml",
  line: 3,
  level: "failure" as const,
  title: "unknown key",
  message: "remove it",
};

describe("a tag", () => {
  it.each([
    ["push", "tag"],
    ["release", "release"],
  ] as const)(
    "of a %s deploys what it names now to each environment, as its version",
    (cause, kind) => {
      const asked = intent({ cause, sha: cause === "push" ? sha("b") : null });
      const { outcome, ...rest } = decideTag(asked, facts([{}, { name: "canary" }]));
      expect(outcome).toEqual({ kind: "accepted", intent: asked });
      const key = { repositoryId: REPOSITORY.id, app: "shop" };
      const decided = ["production", "canary"].map((environment) => ({ ...key, environment }));
      expect(rest).toMatchObject({ decided, decidedSha: sha("a"), decidedVersion: "v1.9.0" });
      expect(rest).toMatchObject({ holds: [], released: [], cancelled: [], answer: null });
      expect(rest.deployments).toHaveLength(2);
      expect(rest.deployments[0]).toEqual({
        kind: "deploy",
        origin: { kind, pullRequest: null },
        repository: REPOSITORY,
        app: "shop",
        environment: "production",
        lane: "7/shop/production",
        ref: "refs/tags/v1.9.0",
        sha: sha("a"),
        headOf: null,
        title: "Now",
        actor: "ana",
        version: "v1.9.0",
        policySha: sha("f"),
        stackName: "shop-production",
        environmentUrl: "https://shop.example.com",
        warnings: [],
        state: "queued",
        releaseId: null,
        githubDeploymentId: null,
        waitingFor: null,
        failure: null,
      });
    },
  );

  it.each<[string, string, Partial<TagTarget>, string | null]>([
    ["the first of all", "v1.9.0", {}, null],
    ["a newer one", "v1.10.0", { decidedVersion: "v1.9.0" }, null],
    ["an older one", "v1.9.0", { decidedVersion: "v1.10.0" }, "version_outdated"],
    ["a pre-release of the next", "v1.10.0-rc.1", { decidedVersion: "v1.9.0" }, null],
    ["a pre-release of the last", "v1.9.0-rc.1", { decidedVersion: "v1.9.0" }, "version_outdated"],
    ["an older one without the v", "1.9.0", { decidedVersion: "v1.10.0" }, "version_outdated"],
    ["one without an order", "latest", { decidedVersion: "v1.10.0" }, null],
    ["one after one without an order", "v0.1.0", { decidedVersion: "latest" }, null],
    [
      "the same again",
      "v1.9.0",
      { decidedVersion: "v1.9.0", decidedSha: sha("a") },
      "commit_already_decided",
    ],
    ["the same, moved", "v1.9.0", { decidedVersion: "v1.9.0", decidedSha: sha("b") }, null],
    [
      "the same, with a push since",
      "v1.9.0",
      { decidedVersion: "v1.9.0", decidedSha: sha("b"), isBehindDecided: true },
      "commit_already_decided",
    ],
    [
      "another at the same commit",
      "v1.9.1",
      { decidedVersion: "v1.9.0", decidedSha: sha("a") },
      null,
    ],
    ["one at a commit that was pushed", "v1.9.0", { decidedSha: sha("a") }, null],
  ])("%s", (_, tag, target, code) => {
    const { outcome, deployments, decided } = decideTag(intent({ tag }), facts([target]));
    expect(outcome.kind === "accepted" ? null : outcome.code).toBe(code);
    expect(deployments).toHaveLength(code === null ? 1 : 0);
    expect(decided).toHaveLength(code === null ? 1 : 0);
  });

  it("is decided for each environment by itself", () => {
    const environments = [
      { name: "a", decidedVersion: "v2.0.0" },
      { name: "b", decidedVersion: "v1.0.0" },
      { name: "c", decidedVersion: "v1.9.0", decidedSha: sha("a") },
    ];
    const { deployments, decided } = decideTag(intent(), facts(environments));
    expect(deployments.map(({ environment }) => environment)).toEqual(["b"]);
    expect(decided.map(({ environment }) => environment)).toEqual(["b"]);
  });

  it("waits where the environment is held", () => {
    const { outcome, deployments, decided } = decideTag(intent(), facts([{ hold: HOLD }]));
    expect(outcome.kind).toBe("accepted");
    expect(deployments).toMatchObject([{ state: "waiting", waitingFor: HOLD, failure: null }]);
    expect(decided).toHaveLength(1);
  });

  it("is refused with problems, in a held environment too, and counts as decided", () => {
    const broken = facts([{}, { name: "canary", hold: HOLD }], { problems: [PROBLEM] });
    expect(decideTag(intent(), broken)).toMatchObject({
      outcome: { kind: "refused", code: "config_invalid" },
      deployments: [
        { state: "refused", waitingFor: null, failure: { annotations: [PROBLEM] } },
        { state: "refused", waitingFor: null },
      ],
      decided: [{ environment: "production" }, { environment: "canary" }],
      decidedVersion: "v1.9.0",
    });
    expect(decideTag(intent(), facts([], { problems: [PROBLEM] }))).toMatchObject({
      outcome: { kind: "refused", code: "config_invalid" },
      deployments: [],
    });
  });

  it("is refused where the stack is another's", () => {
    expect(decideTag(intent(), facts([{ ownsStack: false, hold: HOLD }]))).toMatchObject({
      outcome: { kind: "refused", code: "stack_not_owned" },
      deployments: [{ state: "refused", waitingFor: null, failure: { code: "stack_not_owned" } }],
    });
    const both = decideTag(intent(), facts([{ ownsStack: false }, { name: "canary", hold: HOLD }]));
    expect(both.outcome.kind).toBe("accepted");
  });

  it("that no environment takes is ignored", () => {
    for (const cause of ["push", "release"] as const) {
      expect(decideTag(intent({ cause }), facts([]))).toMatchObject({
        outcome: { kind: "ignored", code: "tag_not_deployed" },
        deployments: [],
        decided: [],
      });
    }
  });
});

describe("tags in any order, pushed and released, again and again", () => {
  const version = fc
    .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.constantFrom("", "-rc.1", "-rc.2"))
    .map(([minor, patch, pre]) => `v1.${minor}.${patch}${pre}`);
  const event = fc.record({ tag: version, cause: fc.constantFrom("push", "release") });

  it("are deployed once each, never an older one after a newer one, and the newest last", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (events) => {
        const commits = new Map<string, string>();
        for (const { tag } of events) {
          if (!commits.has(tag)) commits.set(tag, commits.size.toString(16).padStart(40, "0"));
        }
        let record: Partial<TagTarget> = {};
        const deployed: string[] = [];
        for (const { tag, cause } of events) {
          const commit = commits.get(tag) ?? "";
          const asked = intent({ tag, cause: cause === "push" ? "push" : "release" });
          const found = decideTag(asked, facts([record], { sha: commit }));
          deployed.push(...found.deployments.map((made) => made.version));
          if (found.decided.length === 0) continue;
          record = { decidedSha: found.decidedSha, decidedVersion: found.decidedVersion };
        }
        expect(new Set(deployed).size).toBe(deployed.length);
        for (const [at, tag] of deployed.entries()) {
          for (const before of deployed.slice(0, at)) {
            expect(isOlderVersion(tag, before)).toBe(false);
          }
        }
        const last = deployed.at(-1) ?? "";
        expect(events.some(({ tag }) => isOlderVersion(last, tag))).toBe(false);
      }),
    );
  });
});
