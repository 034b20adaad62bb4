import { randomUUID } from "node:crypto";
import nock from "nock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDecoder } from "../../src/app.ts";
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

/** The same event, had it happened in our repository and through our installation and App. */
function inOurRepository(payload: WebhookExample["payload"]): object {
  const { repository, check_run: checkRun } = payload;
  const ours = { id: REPOSITORY.id, name: REPOSITORY.name, owner: { login: REPOSITORY.owner } };
  return {
    ...payload,
    installation: { id: REPOSITORY.installationId },
    ...(isObject(repository) ? { repository: { ...repository, ...ours } } : {}),
    ...(isObject(checkRun)
      ? { check_run: { ...checkRun, app: { id: TEST_APP.id }, external_id: "dep_1" } }
      : {}),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function summary(decoded: Decoded): string {
  return decoded.kind === "intent" ? decoded.intent.kind : `${decoded.code}: ${decoded.message}`;
}

it("knows all published examples", () => {
  expect(EXAMPLES).toHaveLength(329);
  expect(new Set(EXAMPLES.map(({ event }) => event)).size).toBe(58);
});

describe("an event without a handler", () => {
  const others = EXAMPLES.filter(({ event }) => !["push", "check_run"].includes(event));
  it.each([
    ["as published", (payload: WebhookExample["payload"]) => payload],
    ["in our repository", inOurRepository],
  ])("is ignored by its name, %s", async (_, rewrite) => {
    expect(others).toHaveLength(313);
    for (const example of others) {
      expect(await decodeExample(example, rewrite)).toEqual({
        kind: "ignored",
        code: "event_ignored",
        message: `nothing follows from ${example.event}`,
      });
    }
  });
});

const FOREIGN = "event_ignored: the payload is not what GitHub describes at installation";
const TAG = "event_ignored: only pushes to branches deploy";

describe("the published pushes", () => {
  const pushes = EXAMPLES.filter(({ event }) => event === "push");

  it("are ignored without an installation, and deploy with one when they move a branch", async () => {
    const found = await Promise.all(pushes.map((example) => decodeExample(example)));
    expect(found.map(summary)).toEqual([FOREIGN, FOREIGN, FOREIGN, TAG, "push", "push", FOREIGN]);
  });

  it("say where, what and who, in our repository", async () => {
    const found = await Promise.all(pushes.map((push) => decodeExample(push, inOurRepository)));
    expect(found.map(summary)).toEqual([TAG, TAG, TAG, TAG, "push", "push", TAG]);
    expect(found[4]).toEqual({
      kind: "intent",
      intent: {
        kind: "push",
        repository: REPOSITORY,
        actor: "Codertocat",
        deliveryGuid: expect.any(String) as string,
        ref: "refs/heads/master",
        before: "0000000000000000000000000000000000000000",
        isForced: false,
        sha: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        title: "Initial commit",
        defaultBranch: "master",
      },
    });
  });
});

describe("the published check runs", () => {
  const checkRuns = EXAMPLES.filter(({ event }) => event === "check_run");
  const actions = checkRuns.map(({ payload }) => payload["action"]);

  it("are all foreign as published", async () => {
    const found = await Promise.all(checkRuns.map((example) => decodeExample(example)));
    const others = "event_ignored: the check run is another App's";
    const expected = actions.map((_, at) => (at < 6 ? FOREIGN : others));
    expect(found.map(summary)).toEqual(expected);
  });

  it("ask for a retry when our own one is to run again", async () => {
    const found = await Promise.all(checkRuns.map((run) => decodeExample(run, inOurRepository)));
    expect(found.map(summary)).toEqual(
      actions.map((action) =>
        action === "rerequested"
          ? "retry"
          : `event_ignored: nothing follows from check_run.${String(action)}`,
      ),
    );
    expect(actions.filter((action) => action === "rerequested")).toHaveLength(2);
  });
});
