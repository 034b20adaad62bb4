import { randomUUID } from "node:crypto";
import nock from "nock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder, HANDLED_EVENTS } from "../../src/app.ts";
import type { Decoded } from "../../src/intent.ts";
import { TEST_APP } from "../support/app-key.ts";
import { delivery, REPOSITORY } from "../support/records.ts";
import { webhookExamples, type WebhookExample } from "../support/webhook-examples.ts";

const EXAMPLES = webhookExamples();
const decode = createDecoder({ app: TEST_APP, webhookSecret: "secret" });

beforeAll(() => {
  nock.disableNetConnect();
});
afterAll(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.enableNetConnect();
});

async function decodeExample(
  example: WebhookExample,
  rewrite: (payload: WebhookExample["payload"]) => object = (payload) => payload,
): Promise<Decoded> {
  const decoded = await decode(
    delivery({
      guid: randomUUID(),
      event: example.event,
      payload: JSON.stringify(rewrite(example.payload)),
    }),
  );
  expect(decoded).toHaveLength(1);
  const [only] = decoded;
  if (only === undefined) throw new Error("nothing was decoded");
  return only;
}

/** What each example of an event asks for, with its action. */
async function decodeAll(
  event: string,
  rewrite?: (payload: WebhookExample["payload"]) => object,
): Promise<readonly string[]> {
  const examples = EXAMPLES.filter((example) => example.event === event);
  return await Promise.all(
    examples.map(async (example) => {
      const { action } = example.payload;
      const found = summary(await decodeExample(example, rewrite));
      return typeof action === "string" ? `${action} → ${found}` : found;
    }),
  );
}

/** The same event, had it happened in our repository and through our installation and App. */
function inOurRepository(payload: WebhookExample["payload"]): object {
  const { repository, check_run: checkRun, issue, comment } = payload;
  const ours = { id: REPOSITORY.id, name: REPOSITORY.name, owner: { login: REPOSITORY.owner } };
  return {
    ...payload,
    installation: { id: REPOSITORY.installationId },
    ...(isObject(repository) ? { repository: { ...repository, ...ours } } : {}),
    ...(isObject(checkRun)
      ? { check_run: { ...checkRun, app: { id: TEST_APP.id }, external_id: "dep_1" } }
      : {}),
    // The published comments are on issues, and hold no command.
    ...(isObject(issue) ? { issue: { ...issue, pull_request: {} } } : {}),
    ...(isObject(comment) ? { comment: { ...comment, body: "/deploy production" } } : {}),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function summary(decoded: Decoded): string {
  switch (decoded.kind) {
    case "intent":
      return decoded.intent.kind;
    case "sighting":
      return `#${decoded.sighting.number} ${decoded.sighting.isOpen ? "open" : "closed"}`;
    case "ignored":
      return decoded.code === "event_ignored" ? decoded.message : decoded.code;
  }
}

it("knows all published examples", () => {
  expect(EXAMPLES).toHaveLength(329);
  expect(new Set(EXAMPLES.map(({ event }) => event)).size).toBe(58);
});

describe("an event without a handler", () => {
  const handled: readonly string[] = HANDLED_EVENTS;
  const others = EXAMPLES.filter(({ event }) => !handled.includes(event));
  it.each([
    ["as published", (payload: WebhookExample["payload"]) => payload],
    ["in our repository", inOurRepository],
  ])("is ignored by its name, %s", async (_, rewrite) => {
    expect(others).toHaveLength(258);
    for (const example of others) {
      expect(await decodeExample(example, rewrite)).toEqual({
        kind: "ignored",
        code: "event_ignored",
        message: `nothing follows from ${example.event}`,
      });
    }
  });
});

const FOREIGN = "the payload is not what GitHub describes at installation";

describe("the published pushes", () => {
  const pushes = EXAMPLES.filter(({ event }) => event === "push");
  const deleted = "the push deletes its tag";

  it("are ignored without an installation, and deploy with one when they move a branch", async () => {
    const found = await decodeAll("push");
    expect(found).toEqual([FOREIGN, FOREIGN, FOREIGN, deleted, "push", "push", FOREIGN]);
  });

  it("say where, what and who, in our repository", async () => {
    const found = await Promise.all(pushes.map((push) => decodeExample(push, inOurRepository)));
    expect(found.map(summary)).toEqual(["tag", deleted, deleted, deleted, "push", "push", deleted]);
    const common = {
      repository: REPOSITORY,
      actor: "Codertocat",
      deliveryGuid: expect.any(String) as string,
      sha: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
      defaultBranch: "master",
    };
    expect(found[4]).toEqual({
      kind: "intent",
      intent: {
        ...common,
        kind: "push",
        ref: "refs/heads/master",
        before: "0000000000000000000000000000000000000000",
        isForced: false,
        title: "Initial commit",
      },
    });
    const title = "Adding a .gitignore file";
    expect(found[0]).toEqual({
      kind: "intent",
      intent: { ...common, kind: "tag", cause: "push", tag: "simple-tag", title },
    });
  });
});

describe("the published check runs", () => {
  const checkRuns = EXAMPLES.filter(({ event }) => event === "check_run");
  const actions = checkRuns.map(({ payload }) => payload["action"]);

  it("are all foreign as published", async () => {
    const others = "the check run is another App's";
    const expected = actions.map(
      (action, at) => `${String(action)} → ${at < 6 ? FOREIGN : others}`,
    );
    expect(await decodeAll("check_run")).toEqual(expected);
  });

  it("ask for a retry when our own one is to run again", async () => {
    const found = await Promise.all(checkRuns.map((run) => decodeExample(run, inOurRepository)));
    expect(found.map(summary)).toEqual(
      actions.map((action) =>
        action === "rerequested" ? "retry" : `nothing follows from check_run.${String(action)}`,
      ),
    );
    expect(actions.filter((action) => action === "rerequested")).toHaveLength(2);
  });
});

describe("the published releases", () => {
  const of = (...actions: readonly string[]): readonly string[] =>
    actions.map((action) => `${action} → nothing follows from release.${action}`);
  const rest = [
    ...of("created", "created", "created", "deleted", "deleted"),
    ...of("edited", "edited", "prereleased", "prereleased"),
  ];

  it("deploy their tag when they are published", async () => {
    expect(await decodeAll("release", inOurRepository)).toEqual([
      "published → tag",
      ...rest,
      "published → tag",
      "published → tag",
      ...of("released"),
    ]);
  });

  it("are ignored without an installation", async () => {
    const found = await decodeAll("release");
    const withOne = [3, 4, 5];
    expect(found.filter((_, at) => withOne.includes(at))).toEqual(
      of("created", "deleted", "deleted"),
    );
    const others = found.filter((_, at) => !withOne.includes(at));
    expect(others.every((text) => text.endsWith(FOREIGN))).toBe(true);
    expect(others).toHaveLength(10);
  });
});

describe("the published deployments", () => {
  it("are somebody else's, and asked for", async () => {
    const [foreign, asked] = [`created → ${FOREIGN}`, "created → github_deployment"];
    expect(await decodeAll("deployment")).toEqual([foreign, asked, foreign, asked]);
    expect(await decodeAll("deployment", inOurRepository)).toEqual([asked, asked, asked, asked]);
  });
});

describe("the published pull requests", () => {
  const silent = [
    "assigned",
    "labeled",
    "locked",
    "review_request_removed",
    "review_requested",
    "unassigned",
    "unlabeled",
    "unlocked",
  ];
  const pulls = EXAMPLES.filter(({ event }) => event === "pull_request");
  const actions = pulls.map(({ payload }) => String(payload["action"]));
  const told = (action: string): string => {
    if (silent.includes(action)) return `${action} → nothing follows from pull_request.${action}`;
    return `${action} → #2 ${action === "closed" ? "closed" : "open"}`;
  };

  it("tell of their head, or nothing", async () => {
    const found = await decodeAll("pull_request", inOurRepository);
    expect(found).toEqual(actions.map(told));
    expect(found).toHaveLength(29);
    expect(found.filter((text) => text.includes("#2"))).toHaveLength(15);
  });

  it("are ignored without an installation", async () => {
    const expected = pulls.map(({ payload }, at) =>
      "installation" in payload ? told(actions[at] ?? "") : `${actions[at]} → ${FOREIGN}`,
    );
    expect(await decodeAll("pull_request")).toEqual(expected);
  });

  it("say which commit, when, and from where", async () => {
    const [opened] = pulls;
    if (!opened) throw new Error("there is no example");
    expect(await decodeExample(opened, inOurRepository)).toEqual({
      kind: "sighting",
      sighting: {
        repositoryId: REPOSITORY.id,
        number: 2,
        headSha: "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
        isFork: false,
        isOpen: true,
        at: Date.UTC(2019, 4, 15, 15, 20, 33),
      },
    });
  });
});

describe("the published comments", () => {
  const actions = ["created", "created", "created", "created", "created"];
  const later = ["deleted", "deleted", "edited", "edited"];

  it("hold no command", async () => {
    expect(await decodeAll("issue_comment")).toEqual(
      [...actions, ...later].map((action, at) =>
        at === 3 ? `${action} → the comment holds no commands` : `${action} → ${FOREIGN}`,
      ),
    );
  });

  it("command only when they are new", async () => {
    expect(await decodeAll("issue_comment", inOurRepository)).toEqual([
      ...actions.map((action) => `${action} → command`),
      ...later.map((action) => `${action} → nothing follows from issue_comment.${action}`),
    ]);
  });
});
