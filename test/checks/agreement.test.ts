import { describe, expect, it } from "vitest";
import { renderComment } from "../../src/checks/conversation/render-comment.ts";
import { prose } from "../../src/checks/markdown.ts";
import { project } from "../../src/checks/projection.ts";
import { STATE_VIEWS } from "../../src/checks/states.ts";
import {
  DEPLOYMENT_STATES,
  isFinal,
  type Deployment,
  type DeploymentState,
} from "../../src/deployment.ts";
import { renderSummary } from "../../src/web/pages/deployment-summary.ts";
import { STATE_LOOKS } from "../../src/web/pages/state-look.ts";
import { answer, conversationView } from "../support/conversations.ts";
import { CREATED_AT, deployment, failure } from "../support/deployments.ts";

const HOLD = { deploymentId: "dep_9", by: "bob", version: "v1.0.1", since: CREATED_AT - 1_000 };
/** The page of a deployment, but for its log. */
function pageOf(one: Deployment): string {
  const page = renderSummary(one, { githubUrl: "https://github.test", now: CREATED_AT });
  if (page instanceof Promise) throw new Error("the page is rendered at once");
  return page.toString();
}

const UNHAPPY = ["rolling_back", "failed", "rolled_back", "rollback_failed", "refused"];

/** A deployment as it is in a state, whatever kind it is. */
function inState(state: DeploymentState, kind: Deployment["kind"]): Deployment {
  return deployment({
    state,
    kind,
    version: "v1.0.4",
    origin: { kind: "comment", pullRequest: 12 },
    startedAt: state === "waiting" || state === "queued" ? null : CREATED_AT,
    finishedAt: isFinal(state) ? CREATED_AT + 12_000 : null,
    waitingFor: state === "waiting" ? HOLD : null,
    cancelledBy: state === "cancelled" ? "bob" : null,
    failure: UNHAPPY.includes(state) ? failure({ summary: "the port is taken" }) : null,
  });
}

const DEPLOY_TITLES: Readonly<Record<DeploymentState, string>> = {
  waiting: "v1.0.4 waits: production is held since the rollback to v1.0.1 by bob",
  queued: "v1.0.4 waits for its turn",
  running: "Starting v1.0.4",
  rolling_back: "Going back to the previous version: the port is taken",
  succeeded: "v1.0.4 runs in production after 12.0 s",
  failed: "Failed: the port is taken",
  rolled_back: "Rolled back: the port is taken",
  rollback_failed: "Failed, and so did going back: the port is taken",
  cancelled: "Cancelled by bob",
  superseded: "Superseded by a newer deployment",
  refused: "Refused: the port is taken",
};

const ROLLBACK_TITLES: Readonly<Record<DeploymentState, string>> = {
  waiting: "v1.0.4 waits: production is held since the rollback to v1.0.1 by bob",
  queued: "Rollback to v1.0.4 waits for its turn",
  running: "Rolling back to v1.0.4",
  rolling_back: "Rollback to v1.0.4 failed, returning to what ran before: the port is taken",
  succeeded: "v1.0.4 runs in production again after 12.0 s",
  failed: "Rollback to v1.0.4 failed: the port is taken",
  rolled_back: "Rollback to v1.0.4 failed, what ran before runs again: the port is taken",
  rollback_failed: "Rollback to v1.0.4 failed, and so did the way back: the port is taken",
  cancelled: "Cancelled by bob",
  superseded: "Superseded by a newer deployment",
  refused: "Rollback to v1.0.4 refused: the port is taken",
};

const CASES = DEPLOYMENT_STATES.flatMap((state) => [
  { state, kind: "deploy" as const, title: DEPLOY_TITLES[state] },
  { state, kind: "rollback" as const, title: ROLLBACK_TITLES[state] },
]);

describe.each(CASES)("a $kind that is $state", ({ state, kind, title }) => {
  const one = inState(state, kind);
  const context = { baseUrl: "https://skep.test", active: null, successor: null };
  const { checkRun, status } = project(one, context);
  const page = pageOf(one);

  const comment = renderComment(
    conversationView({
      answers: [answer("/deploy", { kind: "deployment", deploymentId: one.id })],
      deployments: [one],
    }),
  );

  it("has one title on the check run, the GitHub deployment, the pull request and the page", () => {
    expect(comment?.content).toContain(`[${prose(title)}](https://skep.test/deployments/dep_12)`);
    expect(checkRun.title).toBe(title);
    const progress = kind === "rollback" ? "Rolling back to v1.0.4" : "Deploying v1.0.4";
    expect(status.description).toBe(state === "running" ? progress : title);
    const [headline, cause] = title.split(": the port is taken");
    if (state !== "superseded" && headline !== STATE_LOOKS[state].label) {
      expect(page).toContain(`<strong>${headline}.</strong>`);
    }
    if (cause !== undefined) expect(page).toContain("the port is taken");
  });

  it("ends everywhere or nowhere, and well or badly everywhere", () => {
    expect(checkRun.status === "completed").toBe(isFinal(state));
    expect(checkRun.conclusion).toBe(STATE_VIEWS[state].checkConclusion);
    const open = ["queued", "pending", "in_progress"];
    expect(open.includes(status.state)).toBe(!isFinal(state));
    expect(status.state === "success").toBe(checkRun.conclusion === "success");
    expect(["failure", "error"].includes(status.state)).toBe(checkRun.conclusion === "failure");
    expect(page).toContain(`data-state="${state}">${STATE_LOOKS[state].label}<`);
    const icon = state === "succeeded" ? "🚀" : isFinal(state) ? "👎" : "⏳";
    expect(comment?.content).toContain(`${icon} \`/deploy\``);
  });

  it("says who asked, and where", () => {
    expect(checkRun.summary).toContain("asked by `ana` on #12");
    expect(page).toContain('<a href="https://github.test/acme/shop/pull/12">on #12</a>');
  });
});

describe("what is to be done", () => {
  const context = { baseUrl: "https://skep.test", active: null, successor: null };
  const summaryOf = (one: Deployment): string => project(one, context).checkRun.summary;

  it("about a held environment stands first, on the check run and on the page", () => {
    const waiting = inState("waiting", "deploy");
    expect(summaryOf(waiting).split("\n\n")[0]).toBe(
      "Pushes and tags do not deploy to `production` since `bob` rolled it back to `v1.0.1`\\. Comment `/resume production` on a pull request to let them deploy again, or `/deploy production at v1.0.4` to deploy exactly this\\. ([`environment_held`](https://github.com/skep-deploy/skep/blob/main/docs/errors.md))",
    );
    const page = pageOf(waiting);
    expect(page).toContain("Comment <code>/resume production</code> on a pull request");
  });

  it("after a rollback is said where it succeeded", () => {
    expect(summaryOf(inState("succeeded", "rollback"))).toContain("`/resume production`");
    expect(summaryOf(inState("succeeded", "deploy"))).not.toContain("/resume");
  });

  it("is nothing but to wait once somebody asked for the end of a running one", () => {
    const ending = { ...inState("running", "deploy"), cancelledBy: "bob" };
    expect(project(ending, context).checkRun.title).toBe("Being cancelled by bob");
    expect(summaryOf(ending)).toContain("`bob` asked to cancel it");
  });
});

describe("buttons", () => {
  const actionsOf = (one: Deployment, active: Deployment | null): readonly string[] =>
    project(one, { baseUrl: "https://skep.test", active, successor: null }).checkRun.actions.map(
      ({ identifier }) => identifier,
    );
  const running = {
    ...inState("succeeded", "deploy"),
    previousDeploymentId: "dep_11",
  } satisfies Deployment;

  it("offer the way back exactly where something ran before what runs now", () => {
    const next = deployment({ id: "dep_13", number: 13, state: "succeeded" });
    expect(actionsOf(running, running)).toEqual(["roll_back"]);
    expect(actionsOf({ ...running, previousDeploymentId: null }, running)).toEqual([]);
    expect(actionsOf(running, next)).toEqual([]);
    expect(actionsOf(running, null)).toEqual([]);
  });

  it.each(DEPLOYMENT_STATES)("fit GitHub's limits when %s", (state) => {
    const one = { ...inState(state, "rollback"), previousDeploymentId: "dep_11" };
    const { actions } = project(one, {
      baseUrl: "https://skep.test",
      active: one,
      successor: null,
    }).checkRun;
    expect(actions.length).toBeLessThanOrEqual(3);
    for (const { label, description, identifier } of actions) {
      expect(label.length).toBeLessThanOrEqual(20);
      expect(description.length).toBeLessThanOrEqual(40);
      expect(identifier.length).toBeLessThanOrEqual(20);
    }
  });
});

describe("the GitHub deployment", () => {
  const made = (one: Deployment) =>
    project(one, { baseUrl: "https://skep.test", active: null, successor: null }).deployment;

  it("of a rollback says so", () => {
    expect(made(inState("running", "rollback"))?.description).toBe(
      "Rollback to v1.0.4: Add a cart badge",
    );
  });

  it("is not made for what was refused, at once or at its start", () => {
    expect(made(inState("refused", "deploy"))).toBeNull();
    expect(made({ ...inState("refused", "deploy"), startedAt: null })).toBeNull();
  });
});
