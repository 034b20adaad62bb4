import { marked } from "marked";
import { describe, expect, it } from "vitest";
import { project } from "../../src/checks/projection.ts";
import type { ProjectionContext } from "../../src/checks/render-title.ts";
import { DEPLOYMENT_STATES, isFinal, type Deployment, type Failure } from "../../src/deployment.ts";
import {
  annotations,
  CREATED_AT,
  deployment,
  failure,
  operation,
  phase,
} from "../support/deployments.ts";

const BASE = "https://skep.example.com";
const LOG = `${BASE}/deployments/dep_12`;
const active = deployment({ id: "dep_11", number: 11, version: "9d8c7b6", state: "succeeded" });

function shown(overrides: Partial<Deployment>, context: Partial<ProjectionContext> = {}) {
  return project(deployment(overrides), {
    baseUrl: BASE,
    active: null,
    successor: null,
    ...context,
  });
}

describe("a running deployment", () => {
  it("is a check run in progress, a GitHub deployment and its status", () => {
    const projection = shown({
      phase: "build",
      phases: [
        phase("pre_build", [200, 640], "succeeded", "source at 3f2a1bc"),
        phase("build", [640, null], "running"),
      ],
    });
    expect(projection).toEqual({
      checkRun: {
        name: "skep / production",
        sha: "3f2a1bc9".padEnd(40, "0"),
        externalId: "dep_12",
        detailsUrl: LOG,
        status: "in_progress",
        conclusion: null,
        startedAt: "2026-01-05T12:03:10Z",
        completedAt: null,
        title: "Building 3f2a1bc",
        summary: [
          "**Add a cart badge**  ",
          "commit `3f2a1bc900000000000000000000000000000000` of `main`, pushed by `ana`  ",
          "Deployment #12 of `shop` to `production`, stack `shop-production`",
          "",
          `[Follow the log](${LOG})`,
          "",
          "| Phase | Result | Began (UTC) | Took | Note |",
          "| --- | --- | --- | ---: | --- |",
          "| Pre-build | ✓ succeeded | 12:03:10 | 440 ms | source at 3f2a1bc |",
          "| Build | … running | 12:03:10 |  |  |",
        ].join("\n"),
        text: "",
        annotations: [],
        actions: [],
      },
      deployment: {
        sha: "3f2a1bc9".padEnd(40, "0"),
        environment: "production",
        description: "Add a cart badge",
        production: true,
        deploymentId: "dep_12",
      },
      status: {
        state: "in_progress",
        description: "Deploying 3f2a1bc",
        logUrl: LOG,
        environmentUrl: null,
      },
      replaces: null,
    });
  });

  it("keeps one status through all its phases", () => {
    expect(shown({ phase: "deploy" }).status).toEqual(shown({ phase: "build" }).status);
  });
});

describe("a deployment that succeeded", () => {
  const ended = {
    state: "succeeded",
    finishedAt: CREATED_AT + 38_600,
    previousDeploymentId: "dep_11",
    environmentUrl: "https://shop.example.com",
    plan: [
      {
        kind: "keep",
        target: "network shop",
        reason: "it is as wanted",
        effect: "none",
        changes: [],
        risks: [],
      },
      {
        kind: "update",
        target: "service shop-production_shop",
        reason: "the image changed",
        effect: "rolling_update",
        changes: ["image: a → b", "env.X: `1` | 2"],
        risks: [],
      },
    ],
  } as const satisfies Partial<Deployment>;

  it("names what runs, replaces the previous one and offers no retry", () => {
    const { checkRun, status, replaces } = shown(ended);
    expect(checkRun).toMatchObject({
      status: "completed",
      conclusion: "success",
      completedAt: "2026-01-05T12:03:48Z",
      title: "3f2a1bc runs in production after 38.4 s",
      actions: [],
    });
    expect(checkRun.summary).toContain(
      `[Log](${LOG}) · [Open production](https://shop.example.com/)`,
    );
    expect(status).toMatchObject({
      state: "success",
      environmentUrl: "https://shop.example.com/",
    });
    expect(replaces).toBe("dep_11");
  });

  it("lists its plan with reasons and changed fields, and sums up what is kept", () => {
    expect(shown(ended).checkRun.text).toBe(
      [
        "### Plan",
        "",
        "1 to update; 1 network unchanged.",
        "",
        "- **update** `service shop-production_shop`: the image changed (replaces tasks one after the other)",
        "  - `image: a → b`",
        "  - ``env.X: `1` | 2``",
      ].join("\n"),
    );
  });

  it("is inactive once a newer one has succeeded, and is then not made anew", () => {
    const newer = deployment({ id: "dep_13", number: 13, version: "v2", state: "succeeded" });
    const projection = shown(ended, { active: newer });
    expect(projection.status).toMatchObject({
      state: "inactive",
      description: "Replaced by v2 (#13)",
    });
    expect(projection.deployment).toBeNull();
    expect(projection.checkRun.conclusion).toBe("success");
  });

  it("stays active when a newer one has failed", () => {
    const rolledBack = deployment({ id: "dep_13", number: 13, state: "rolled_back" });
    expect(shown(ended, { active: rolledBack }).status.state).toBe("success");
  });
});

describe("a deployment that failed", () => {
  it("says cause, evidence, next step and what runs before anything else", () => {
    const { checkRun, status } = shown(
      { state: "failed", failure: failure(), finishedAt: CREATED_AT + 9_000 },
      { active },
    );
    expect(checkRun.title).toBe("Failed: step 4/5 `RUN npm test` exited with code 1");
    expect(checkRun.summary.split("\n\n").slice(0, 4)).toEqual([
      "**Cause:** step 4/5 `RUN npm test` exited with code 1 ([`build_failed`](https://github.com/skep-deploy/skep/blob/main/docs/errors.md))",
      "```text\nnot ok 1 - adds a badge\n```",
      "**Next:** Mend the step and push again\\.",
      "**Now:** nothing was changed on the Swarm; the previous version, 9d8c7b6 \\(\\#\u200b11\\), goes on.",
    ]);
    expect(status.state).toBe("failure");
    expect(checkRun.actions).toEqual([
      { label: "Retry", description: "Deploy the same commit again", identifier: "retry" },
    ]);
  });

  it("says that nothing runs after a first version failed on the Swarm", () => {
    const summaryOf = (code: Failure["code"], ...kinds: readonly ("create" | "update")[]) =>
      shown({
        state: "failed",
        plan: [
          operation({ kind: "create", target: "network shop_default" }),
          ...kinds.map((kind, i) => operation({ kind, target: `service shop_${i}` })),
        ],
        failure: failure({ phase: "post_deploy", code }),
      }).checkRun.summary;
    expect(summaryOf("task_exited", "create")).toContain(
      "**Now:** nothing runs: no version ran here before, and the service was removed again.",
    );
    expect(summaryOf("task_exited", "create", "create")).toContain("its services were removed");
    expect(summaryOf("swarm_unreachable", "create")).not.toContain("nothing runs");
    expect(summaryOf("task_exited", "update")).not.toContain("nothing runs");
    expect(summaryOf("task_exited", "create", "update")).not.toContain("nothing runs");
  });

  it("does not claim that nothing changed when the Swarm was touched", () => {
    const { checkRun } = shown({ state: "failed", failure: failure({ phase: "deploy" }) });
    expect(checkRun.summary).not.toContain("nothing was changed");
  });

  it.each([
    ["rolled_back", "failure", "the previous version, 9d8c7b6"],
    ["rollback_failed", "error", "neither this version nor the previous version"],
  ] as const)("says what runs now when it is %s", (state, statusState, text) => {
    const { checkRun, status } = shown(
      { state, failure: failure({ phase: "deploy" }), finishedAt: CREATED_AT },
      { active },
    );
    expect(checkRun.conclusion).toBe("failure");
    expect(status.state).toBe(statusState);
    expect(checkRun.summary).toContain(text);
  });
});

describe("a refused deployment", () => {
  const refused = {
    state: "refused",
    startedAt: null,
    finishedAt: CREATED_AT,
    failure: failure({
      code: "config_invalid",
      phase: null,
      summary: ".github/skep.yml has 2 problems",
      evidence: [],
      annotations: annotations(2),
    }),
  } as const satisfies Partial<Deployment>;

  it("has a failed check run with the problems at their lines, and no GitHub deployment", () => {
    const { checkRun, deployment: made } = shown(refused);
    expect(made).toBeNull();
    expect(checkRun.conclusion).toBe("failure");
    expect(checkRun.completedAt).toBe("2026-01-05T12:03:10Z");
    expect(checkRun.annotations).toEqual(annotations(2));
    expect(checkRun.summary).toContain(
      "- `.github/skep.yml:1` **unknown key** problem 1\n- `.github/skep.yml:2` **unknown key** problem 2",
    );
  });

  it("counts the problems that the list leaves out", () => {
    const many = { ...refused.failure, annotations: annotations(60) };
    expect(shown({ ...refused, failure: many }).checkRun.summary).toContain("- and 10 more");
  });
});

describe("a superseded deployment", () => {
  const superseded = {
    state: "superseded",
    startedAt: null,
    finishedAt: CREATED_AT,
    supersededBy: "dep_13",
  } as const;

  it("is skipped, names its successor and makes no GitHub deployment", () => {
    const successor = deployment({ id: "dep_13", number: 13, version: "v2" });
    const { checkRun, status, deployment: made } = shown(superseded, { successor });
    expect(checkRun.conclusion).toBe("skipped");
    expect(checkRun.title).toBe("Superseded by v2 (#13)");
    expect(checkRun.summary).toContain(`](${BASE}/deployments/dep_13), commit`);
    expect(checkRun.summary).toContain("Nothing of this one was deployed.");
    expect(status.state).toBe("inactive");
    expect(made).toBeNull();
  });

  it("does without the successor's name", () => {
    expect(shown(superseded).checkRun.title).toBe("Superseded by a newer deployment");
  });
});

describe("every state", () => {
  const hostile = "<img src=x> @octo #1 | ``` [a](javascript:b) \u202e😀 ".repeat(60);
  const overfull = (state: Deployment["state"]): Partial<Deployment> => ({
    state,
    title: hostile,
    actor: hostile,
    ref: `refs/heads/${hostile}`,
    version: hostile,
    environmentUrl: "javascript:alert(1)",
    finishedAt: isFinal(state) ? CREATED_AT : null,
    phases: [phase("build", [0, 10], "failed", hostile)],
    plan: Array.from({ length: 100 }, () => ({
      kind: "update" as const,
      target: hostile,
      reason: hostile,
      effect: "restart" as const,
      changes: Array.from({ length: 40 }, () => hostile),
      risks: [{ code: "volume_changed" as const, text: hostile }],
    })),
    failure: failure({
      summary: hostile,
      evidence: Array.from({ length: 500 }, () => `€${hostile}${hostile}`),
      nextStep: hostile,
      annotations: annotations(400).map((a) => ({ ...a, title: hostile, message: hostile })),
    }),
  });

  it.each(DEPLOYMENT_STATES)("stays within GitHub's limits when %s and overfull", (state) => {
    const { checkRun, status, deployment: made } = shown(overfull(state), { active });
    for (const markdown of [checkRun.summary, checkRun.text]) {
      expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(65_535);
      expect(marked.parse(markdown, { async: false })).not.toMatch(
        /<img|<script|href="javascript/u,
      );
    }
    for (const line of [status.description, made?.description ?? "", checkRun.title]) {
      expect(line.length).toBeLessThanOrEqual(140);
    }
    expect(`${status.description}${made?.description}`).not.toMatch(/[\u{10000}-\u{10ffff}]/u);
    expect(status.environmentUrl).toBeNull();
    expect(checkRun.annotations.length).toBe(isFinal(state) ? 250 : 0);
    for (const { label, description, identifier } of checkRun.actions) {
      expect(label.length).toBeLessThanOrEqual(20);
      expect(description.length).toBeLessThanOrEqual(40);
      expect(identifier.length).toBeLessThanOrEqual(20);
    }
  });

  it.each(DEPLOYMENT_STATES)("offers Retry exactly when final and not succeeded: %s", (state) => {
    const actions = shown({ state, finishedAt: CREATED_AT }).checkRun.actions;
    expect(actions.map((action) => action.identifier)).toEqual(
      isFinal(state) && state !== "succeeded" && state !== "refused" ? ["retry"] : [],
    );
  });

  it.each([
    ["waiting", "3f2a1bc waits"],
    ["queued", "3f2a1bc waits for its turn"],
    ["running", "Starting 3f2a1bc"],
    [
      "rolling_back",
      "Going back to the previous version: step 4/5 `RUN npm test` exited with code 1",
    ],
    ["cancelled", "Cancelled: step 4/5 `RUN npm test` exited with code 1"],
    [
      "rollback_failed",
      "Failed, and so did going back: step 4/5 `RUN npm test` exited with code 1",
    ],
  ] as const)("has a title: %s", (state, title) => {
    expect(shown({ state, failure: failure(), phase: null }).checkRun.title).toBe(title);
  });
});

it("takes only `production` for a production environment", () => {
  expect(shown({ environment: "staging" }).deployment).toMatchObject({
    environment: "staging",
    production: false,
  });
});
