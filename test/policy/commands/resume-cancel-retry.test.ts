import { describe, expect, it } from "vitest";
import type { Deployment } from "../../../src/deployment.ts";
import { DEPLOYMENT_STATES, isFinal } from "../../../src/deployment.ts";
import type { RetryIntent } from "../../../src/intent.ts";
import { decideCancel } from "../../../src/policy/commands/cancel.ts";
import { decideResume } from "../../../src/policy/commands/resume.ts";
import { decideRetry, decideRetryButton } from "../../../src/policy/commands/retry.ts";
import { commandIntent, place } from "../../support/command-facts.ts";
import { deployment, failure } from "../../support/deployments.ts";
import { REPOSITORY, sha } from "../../support/records.ts";

const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };
const HOLD = { deploymentId: "dep_1", by: "bo", version: "v1", since: 1 };
const NOTHING_DONE = { deployments: [], holds: [], released: [], cancelled: [] };

describe("/resume", () => {
  const intent = commandIntent("/resume");
  const waiting = deployment({ id: "dep_14", number: 14, state: "waiting", version: "abc1234" });

  it("lifts the hold and lets go what waited", () => {
    const verdict = decideResume(intent, { kind: "resume", key: KEY, hold: HOLD, waiting });
    expect(verdict).toMatchObject({
      outcome: { kind: "accepted" },
      deployments: [],
      holds: [{ environment: KEY, hold: null }],
      released: ["dep_14"],
      answer: {
        kind: "done",
        message:
          "production takes automatic deployments again; #14 (abc1234) was waiting and goes on.",
      },
    });
  });

  it("lifts the hold when nothing waits", () => {
    const facts = { kind: "resume", key: KEY, hold: HOLD, waiting: null } as const;
    expect(decideResume(intent, facts)).toMatchObject({
      holds: [{ environment: KEY, hold: null }],
      released: [],
      answer: { kind: "done", message: "production takes automatic deployments again." },
    });
  });

  it("is refused where nothing is held", () => {
    for (const found of [null, waiting]) {
      const facts = { kind: "resume", key: KEY, hold: null, waiting: found } as const;
      expect(decideResume(intent, facts)).toMatchObject({
        ...NOTHING_DONE,
        outcome: { kind: "refused", code: "not_held" },
        answer: { kind: "refused", code: "not_held" },
      });
    }
  });
});

describe("/cancel", () => {
  const decide = (newest: Deployment | null) =>
    decideCancel(commandIntent("/cancel"), { kind: "cancel", environment: "production", newest });

  it.each([
    ["queued", "#12 (3f2a1bc) in production is cancelled."],
    ["waiting", "#12 (3f2a1bc) in production is cancelled."],
    ["running", "#12 (3f2a1bc) in production was asked to stop."],
  ] as const)("ends a deployment that is %s", (state, message) => {
    expect(decide(deployment({ state }))).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "accepted" },
      cancelled: [{ deploymentId: "dep_12", by: "ana" }],
      answer: { kind: "done", message },
    });
  });

  it.each([
    ["nothing runs", null, "nothing runs or waits in production"],
    [
      "it goes back already",
      deployment({ state: "rolling_back" }),
      "#12 (3f2a1bc) in production goes back already, and that is not interrupted",
    ],
    [
      "somebody has cancelled",
      deployment({ cancelledBy: "bo" }),
      "#12 (3f2a1bc) in production is being cancelled already",
    ],
  ])("is refused when %s", (_, newest, message) => {
    expect(decide(newest)).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "refused", code: "nothing_to_cancel" },
      answer: { kind: "refused", code: "nothing_to_cancel", message },
    });
  });
});

const FAILED = { state: "failed", failure: failure(), releaseId: "rel_2" } as const;
const CONFIG_REFUSED = { state: "refused", failure: failure({ code: "config_invalid" }) } as const;

describe("/retry", () => {
  const decide = (newest: Deployment | null, goneImages: readonly string[] = []) =>
    decideRetry(commandIntent("/retry"), {
      kind: "retry",
      place: place(),
      newest,
      goneImages,
    });

  it.each(["failed", "rolled_back", "rollback_failed", "cancelled"] as const)(
    "runs the commit of what is %s again, built anew",
    (state) => {
      const newest = deployment({ ...FAILED, state, headOf: 5, githubDeploymentId: 3 });
      expect(decide(newest)).toMatchObject({
        outcome: { kind: "accepted" },
        deployments: [
          {
            kind: "deploy",
            origin: { kind: "comment", pullRequest: 5 },
            sha: newest.sha,
            headOf: null,
            releaseId: null,
            githubDeploymentId: null,
            state: "queued",
            failure: null,
            actor: "ana",
          },
        ],
        holds: [],
        answer: { kind: "made" },
      });
    },
  );

  it.each([
    ["nothing was deployed", null],
    ["it succeeded", deployment({ state: "succeeded" })],
    ["it is queued", deployment({ state: "queued" })],
    ["it runs", deployment({ state: "running" })],
    ["it goes back", deployment({ state: "rolling_back" })],
  ])("is refused when %s", (_, newest) => {
    expect(decide(newest)).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "refused", code: "nothing_to_retry" },
      answer: { kind: "refused", code: "nothing_to_retry" },
    });
  });

  it.each(["config_invalid", "stack_not_owned", "ref_changed"] as const)(
    "is refused when it was refused for %s",
    (code) => {
      const newest = deployment({ state: "refused", failure: failure({ code }) });
      expect(decide(newest)).toMatchObject({
        ...NOTHING_DONE,
        outcome: { kind: "refused", code },
        answer: { kind: "refused", code },
      });
    },
  );

  const rollback = deployment({
    ...FAILED,
    kind: "rollback",
    version: "v1",
    origin: { kind: "push", pullRequest: null },
  });

  it("goes back again to the same release, and holds again", () => {
    expect(decide(rollback)).toMatchObject({
      deployments: [{ kind: "rollback", releaseId: "rel_2", state: "queued" }],
      holds: [{ environment: KEY, hold: { by: "ana", version: "v1" } }],
    });
  });

  it("does not go back again when the image is gone", () => {
    expect(decide(rollback, ["shop"])).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "refused", code: "image_gone" },
    });
  });

  it("lifts the hold only for what was deployed on purpose", () => {
    const by = (kind: Deployment["origin"]["kind"]) =>
      decide(deployment({ ...FAILED, origin: { kind, pullRequest: null } })).holds;
    expect(by("comment")).toEqual([{ environment: KEY, hold: null }]);
    for (const kind of ["push", "tag", "release", "check_run"] as const) {
      expect(by(kind)).toEqual([]);
    }
  });
});

describe("the button that retries", () => {
  const intent: RetryIntent = {
    kind: "retry",
    repository: REPOSITORY,
    actor: "bo",
    deliveryGuid: "g",
    deploymentId: "dep_12",
    sha: sha("a"),
    defaultBranch: "main",
  };
  const press = (
    pressed: Partial<Deployment>,
    role: Parameters<typeof decideRetryButton>[1]["role"],
  ) =>
    decideRetryButton(intent, {
      deployment: deployment(pressed),
      role,
      place: place(),
      goneImages: [],
    });

  it.each(["write", "maintain", "admin"] as const)("is open to %s", (role) => {
    expect(press(FAILED, role)).toMatchObject({
      outcome: { kind: "accepted" },
      deployments: [{ state: "queued", actor: "bo", origin: { kind: "check_run" }, failure: null }],
      answer: null,
    });
  });

  it.each(["read", "triage", "none"] as const)("is refused to %s", (role) => {
    expect(press(FAILED, role)).toMatchObject({
      ...NOTHING_DONE,
      outcome: {
        kind: "refused",
        code: "not_authorized",
        message: `retrying needs write access; bo has ${role}`,
      },
    });
  });

  it.each(DEPLOYMENT_STATES)("on a deployment that is %s", (state) => {
    const { deployments } = press({ state }, "admin");
    expect(deployments).toHaveLength(isFinal(state) && state !== "refused" ? 1 : 0);
  });

  it("on a refused deployment is refused for the same reason", () => {
    expect(press(CONFIG_REFUSED, "admin")).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "refused", code: "config_invalid" },
    });
  });

  it("on a rollback goes back again to the same release, and holds again", () => {
    const pressed = { ...FAILED, kind: "rollback", version: "v1" } as const;
    expect(press(pressed, "admin")).toMatchObject({
      deployments: [{ kind: "rollback", releaseId: "rel_2" }],
      holds: [{ environment: KEY, hold: { by: "bo", version: "v1" } }],
    });
    const about = { role: "admin" as const, place: place(), goneImages: ["shop"] };
    const facts = { ...about, deployment: deployment(pressed) };
    expect(decideRetryButton(intent, facts)).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "refused", code: "image_gone" },
    });
  });

  it("is for the repository, the policy and the stack of now", () => {
    const old = { ...REPOSITORY, owner: "before", name: "old", installationId: 1 };
    const environment = { name: "production", stackName: "live", url: "https://live.example.com" };
    const now = place({ environment, policySha: sha("e") });
    const about = { role: "admin" as const, goneImages: [] };
    const pressed = deployment({ ...FAILED, repository: old, stackName: "shop-production" });
    const verdict = decideRetryButton(intent, { ...about, deployment: pressed, place: now });
    expect(verdict.deployments).toMatchObject([
      {
        repository: REPOSITORY,
        policySha: sha("e"),
        stackName: "live",
        environmentUrl: "https://live.example.com",
        state: "queued",
      },
    ]);
    const taken = { ...about, deployment: pressed, place: place({ ownsStack: false }) };
    expect(decideRetryButton(intent, taken)).toMatchObject({
      outcome: { kind: "refused", code: "stack_not_owned" },
      deployments: [{ state: "refused", failure: { code: "stack_not_owned" } }],
      holds: [],
    });
  });

  it("is refused where the policy of now has no such environment", () => {
    const facts = { deployment: deployment(FAILED), role: "admin" as const, goneImages: [] };
    expect(decideRetryButton(intent, { ...facts, place: null })).toMatchObject({
      ...NOTHING_DONE,
      outcome: { kind: "refused", code: "environment_unknown" },
    });
  });

  it("on another repository's deployment is ignored", () => {
    const foreign = deployment({ ...FAILED, repository: { ...REPOSITORY, id: 8 } });
    for (const found of [foreign, null]) {
      const about = { role: "admin" as const, place: place(), goneImages: [] };
      const facts = { ...about, deployment: found };
      expect(decideRetryButton(intent, facts)).toMatchObject({
        ...NOTHING_DONE,
        outcome: { kind: "ignored", code: "event_ignored" },
      });
    }
  });
});
