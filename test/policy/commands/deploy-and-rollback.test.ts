import { describe, expect, it } from "vitest";
import type { RollBackIntent } from "../../../src/intent.ts";
import type { DeployFacts, RollbackFacts } from "../../../src/policy/commands/command-facts.ts";
import { decideDeploy } from "../../../src/policy/commands/deploy.ts";
import { decideRollback, decideRollBackButton } from "../../../src/policy/commands/rollback.ts";
import { ROLES } from "../../../src/policy/ports.ts";
import { commandIntent, place, ran } from "../../support/command-facts.ts";
import { annotations } from "../../support/deployments.ts";
import { REPOSITORY, sha } from "../../support/records.ts";

const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };

describe("/deploy", () => {
  const facts: DeployFacts = {
    kind: "deploy",
    commit: {
      sha: sha("a"),
      ref: "refs/pull/5/head",
      version: "aaaaaaa",
      title: "Add",
      headOf: 5,
    },
    place: place(),
    problems: [],
    warnings: annotations(1),
  };
  const intent = commandIntent("/deploy production");

  it("makes a deployment of the commit, lifts the hold and moves nothing decided", () => {
    expect(decideDeploy(intent, facts)).toEqual({
      outcome: { kind: "accepted", intent },
      deployments: [
        {
          kind: "deploy",
          origin: { kind: "comment", pullRequest: 5 },
          repository: REPOSITORY,
          app: "shop",
          environment: "production",
          lane: "7/shop/production",
          sha: sha("a"),
          ref: "refs/pull/5/head",
          version: "aaaaaaa",
          title: "Add",
          headOf: 5,
          actor: "ana",
          policySha: sha("f"),
          stackName: "shop-production",
          environmentUrl: "https://shop.example.com",
          warnings: annotations(1),
          state: "queued",
          releaseId: null,
          githubDeploymentId: null,
          waitingFor: null,
          failure: null,
        },
      ],
      decided: [],
      decidedSha: null,
      decidedVersion: null,
      holds: [{ environment: KEY, hold: null }],
      released: [],
      cancelled: [],
      answer: { kind: "made" },
    });
  });

  it("refuses a configuration with problems on the record, and leaves the hold", () => {
    expect(decideDeploy(intent, { ...facts, problems: annotations(2) })).toMatchObject({
      outcome: { kind: "refused", code: "config_invalid" },
      deployments: [
        { state: "refused", failure: { code: "config_invalid", annotations: annotations(2) } },
      ],
      holds: [],
      answer: { kind: "made" },
    });
  });

  it("refuses a stack of another environment on the record, and leaves the hold", () => {
    expect(decideDeploy(intent, { ...facts, place: place({ ownsStack: false }) })).toMatchObject({
      outcome: { kind: "refused", code: "stack_not_owned" },
      deployments: [{ state: "refused", failure: { code: "stack_not_owned" } }],
      holds: [],
      answer: { kind: "made" },
    });
  });
});

const TARGET = ran(
  { id: "rel_7", version: "v1.9.0", sha: sha("c") },
  { ref: "refs/tags/v1.9.0", title: "Release", headOf: 3, githubDeploymentId: 44 },
);
const BACK: RollbackFacts = { kind: "rollback", target: TARGET, place: place(), goneImages: [] };
const MADE = {
  kind: "rollback",
  releaseId: "rel_7",
  version: "v1.9.0",
  sha: sha("c"),
  ref: "refs/tags/v1.9.0",
  title: "Release",
  headOf: null,
  githubDeploymentId: null,
  actor: "ana",
  state: "queued",
  policySha: sha("f"),
  stackName: "shop-production",
  environmentUrl: "https://shop.example.com",
  lane: "7/shop/production",
};

describe("/rollback", () => {
  const intent = commandIntent("/rollback v1.9.0");

  it("makes a deployment of the release, and holds the environment", () => {
    expect(decideRollback(intent, BACK)).toMatchObject({
      outcome: { kind: "accepted" },
      deployments: [{ ...MADE, origin: { kind: "comment", pullRequest: 5 } }],
      decided: [],
      decidedSha: null,
      decidedVersion: null,
      holds: [{ environment: KEY, hold: { by: "ana", version: "v1.9.0" } }],
      released: [],
      cancelled: [],
      answer: { kind: "made" },
    });
  });

  it("works on a closed pull request", () => {
    const closed = commandIntent("/rollback v1.9.0", { isPullRequestOpen: false });
    expect(decideRollback(closed, BACK)).toMatchObject({ deployments: [MADE] });
  });

  it("is refused early when the image is gone", () => {
    expect(decideRollback(intent, { ...BACK, goneImages: ["shop"] })).toMatchObject({
      outcome: { kind: "refused", code: "image_gone" },
      deployments: [],
      holds: [],
      answer: {
        kind: "refused",
        code: "image_gone",
        message: "the image of `v1.9.0` is not on the engine any more, or is another one",
        suggestion: `/deploy production at ${sha("c")}`,
      },
    });
  });

  it.each<[readonly string[], string]>([
    [["web"], "the image of `web` in `v1.9.0` is not on the engine any more, or is another one"],
    [
      ["api", "web`"],
      "the images of `api`, `web'` in `v1.9.0` are not on the engine any more, or are others",
    ],
    [
      ["a", "b", "c", "d", "e", "f", "g"],
      "the images of `a`, `b`, `c`, `d`, `e` and 2 more in `v1.9.0` are not on the engine any more, or are others",
    ],
  ])("names the services whose images are gone: %j", (goneImages, message) => {
    expect(decideRollback(intent, { ...BACK, goneImages })).toMatchObject({
      answer: { kind: "refused", code: "image_gone", message },
    });
  });

  it("refuses a stack of another environment on the record, and holds nothing", () => {
    expect(decideRollback(intent, { ...BACK, place: place({ ownsStack: false }) })).toMatchObject({
      outcome: { kind: "refused", code: "stack_not_owned" },
      deployments: [{ kind: "rollback", state: "refused" }],
      holds: [],
      answer: { kind: "made" },
    });
  });
});

describe("the button that rolls back", () => {
  const intent: RollBackIntent = {
    kind: "roll_back",
    repository: REPOSITORY,
    actor: "ana",
    deliveryGuid: "guid-1",
    deploymentId: "dep_12",
    defaultBranch: "main",
  };

  it.each(ROLES)("pressed by somebody with %s", (role) => {
    const verdict = decideRollBackButton(intent, { role, asked: BACK });
    if (["write", "maintain", "admin"].includes(role)) {
      expect(verdict).toMatchObject({
        outcome: { kind: "accepted" },
        deployments: [{ ...MADE, origin: { kind: "check_run", pullRequest: null } }],
        holds: [{ environment: KEY, hold: { by: "ana", version: "v1.9.0" } }],
        answer: null,
      });
      return;
    }
    const message = `rolling back needs write access; ana has ${role}`;
    expect(verdict).toMatchObject({
      outcome: { kind: "refused", code: "not_authorized", message },
      deployments: [],
      holds: [],
      answer: null,
    });
  });

  it("on another's check run is ignored", () => {
    expect(decideRollBackButton(intent, { role: "admin", asked: null })).toMatchObject({
      outcome: { kind: "ignored", code: "event_ignored" },
      deployments: [],
    });
  });

  it.each([
    [{ ...BACK, goneImages: ["shop"] }, "image_gone"],
    [
      {
        kind: "refused" as const,
        refusal: {
          code: "release_running" as const,
          message: "it does not run",
          nextStep: "",
          suggestion: null,
        },
      },
      "release_running",
    ],
  ])("is refused as the command is", (asked, code) => {
    expect(decideRollBackButton(intent, { role: "admin", asked })).toMatchObject({
      outcome: { kind: "refused", code },
      deployments: [],
      holds: [],
    });
  });
});
