import { laneOf } from "../../src/deployment.ts";
import type { CommandComment, PullRequestSighting, PushIntent } from "../../src/intent.ts";
import type { Answer } from "../../src/store/conversation.ts";
import type { Decision, Delivery } from "../../src/store/ports.ts";

/** The repository that records in tests belong to. */
export const REPOSITORY = { id: 7, owner: "acme", name: "shop", installationId: 100 };

/** A SHA made of one hex digit. */
export function sha(digit: string): string {
  return digit.repeat(40);
}

/** A push to main of the test repository. */
export function pushIntent(overrides: Partial<PushIntent> = {}): PushIntent {
  return {
    kind: "push",
    repository: REPOSITORY,
    actor: "ana",
    deliveryGuid: "guid-1",
    ref: "refs/heads/main",
    before: sha("0"),
    isForced: false,
    sha: sha("a"),
    title: "Add the shop",
    defaultBranch: "main",
    ...overrides,
  };
}

/** A stored delivery. */
export function delivery(overrides: Partial<Delivery> = {}): Delivery {
  return {
    guid: "guid-1",
    event: "push",
    repositoryId: REPOSITORY.id,
    payload: "{}",
    receivedAt: 1_000,
    ...overrides,
  };
}

/** A deployment as a decision makes it. */
export function plannedDeployment(
  overrides: Partial<Decision["deployments"][number]> = {},
): Decision["deployments"][number] {
  return {
    id: "dep_1",
    kind: "deploy",
    origin: { kind: "push", pullRequest: null },
    repository: REPOSITORY,
    app: "shop",
    environment: "production",
    lane: laneOf(REPOSITORY.id, "shop", "production"),
    intentId: "int_1",
    ref: "refs/heads/main",
    sha: sha("a"),
    title: "Add the shop",
    actor: "ana",
    version: sha("a").slice(0, 7),
    policySha: sha("a"),
    stackName: "shop-production",
    warnings: [],
    environmentUrl: null,
    state: "queued",
    phase: null,
    phases: [],
    plan: [],
    releaseId: null,
    failure: null,
    supersededBy: null,
    previousDeploymentId: null,
    headOf: null,
    githubDeploymentId: null,
    waitingFor: null,
    cancelledBy: null,
    createdAt: 1_000,
    startedAt: null,
    finishedAt: null,
    tasksRunningAt: null,
    ...overrides,
  };
}

/** A decision that accepts one push and makes the given deployments. */
export function decision(
  guid: string,
  deployments: readonly Decision["deployments"][number][],
  overrides: Partial<Decision> = {},
): Decision {
  return {
    deliveryGuid: guid,
    at: 1_000,
    intents: [
      {
        id: `int_${guid}`,
        deliveryGuid: guid,
        outcome: { kind: "accepted", intent: pushIntent({ deliveryGuid: guid }) },
        at: 1_000,
      },
    ],
    deployments,
    decided: [{ repositoryId: REPOSITORY.id, app: "shop", environment: "production" }],
    decidedSha: sha("a"),
    decidedVersion: null,
    isLast: true,
    holds: [],
    released: [],
    cancelled: [],
    sightings: [],
    answers: [],
    ...overrides,
  };
}

/** A comment with a command on pull request 5. */
export function commandComment(overrides: Partial<CommandComment> = {}): CommandComment {
  return {
    repository: REPOSITORY,
    number: 5,
    commentId: 501,
    actor: "ana",
    createdAt: 1_000,
    ...overrides,
  };
}

/** The answer to `/help`. */
export function answer(overrides: Partial<Answer> = {}): Answer {
  return {
    intentId: "int_guid-1",
    comment: commandComment(),
    line: 1,
    text: "/help",
    at: 1_000,
    result: { kind: "shown", what: "help", environment: null },
    ...overrides,
  };
}

/** Pull request 5 as a `pull_request` event tells it. */
export function pullRequestSighting(
  overrides: Partial<PullRequestSighting> = {},
): PullRequestSighting {
  return {
    repositoryId: REPOSITORY.id,
    number: 5,
    headSha: sha("a"),
    isFork: false,
    isOpen: true,
    at: 1_000,
    ...overrides,
  };
}
