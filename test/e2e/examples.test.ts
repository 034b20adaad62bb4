import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HANDLED_EVENTS } from "../../src/app.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { countUndecided, readDeployments, readOutcomes } from "../support/product-data.ts";
import { waitUntil } from "../support/wait-until.ts";
import { webhookExamples, type WebhookExample } from "../support/webhook-examples.ts";
import { webFiles } from "../support/web-files.ts";

let product: Product;
let app: App;
let head: string;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
  app = await product.app("examples");
  head = await app.push(webFiles("one"));
  await app.finished(head);
  // The tag of the published releases: one that is not there is waited for, as GitHub's git may be late.
  await product.github.createTag({ owner: app.owner, repo: app.name, name: "0.0.1" });
  await product.github.idle();
});

afterAll(async () => {
  expect(product.problems()).toEqual([]);
  await app.remove();
  await product.close();
});

type Payload = WebhookExample["payload"];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same event, had it happened in the app's repository, at its head. */
function inOurRepository(payload: Payload): object {
  const { id: installationId } = product.github.installApp({ owner: app.owner });
  const ours = { id: app.repositoryId, name: app.name, default_branch: "main" };
  const { repository, head_commit: commit, check_run: run } = payload;
  return {
    ...payload,
    installation: { id: installationId },
    ...(isObject(repository) && {
      repository: { ...repository, ...ours, owner: { login: app.owner } },
    }),
    ...("after" in payload && { after: head, ref: "refs/heads/main" }),
    ...(isObject(commit) && { head_commit: { ...commit, id: head } }),
    ...(isObject(run) && {
      check_run: { ...run, head_sha: head, app: { id: product.github.app.id } },
    }),
  };
}

async function send({ event }: WebhookExample, payload: object): Promise<string> {
  const guid = randomUUID();
  const body = JSON.stringify(payload);
  const secret = product.github.app.webhookSecret;
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const { status } = await fetch(product.webhookUrl, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": guid,
      "x-hub-signature-256": `sha256=${signature}`,
    },
  });
  expect(status, event).toBe(202);
  return guid;
}

describe("every payload that GitHub publishes, signed,", () => {
  test.each([
    ["as it is", (payload: Payload): object => payload],
    ["had it happened in our repository", inOurRepository],
  ])("%s, is taken and decided, and Skep lives on", async (_, rewrite) => {
    const examples = webhookExamples();
    expect(examples).toHaveLength(329);
    const sent = new Map<string, string>();
    for (const example of examples) {
      sent.set(await send(example, rewrite(example.payload)), example.event);
    }
    await waitUntil("all are decided", () => countUndecided(product.dataDir) === 0, 80_000);
    for (const [guid, event] of sent) {
      const outcomes = readOutcomes(product.dataDir, guid);
      const found = outcomes.map((one) => (one.kind === "accepted" ? one.kind : one.code));
      if (!(HANDLED_EVENTS as readonly string[]).includes(event)) {
        expect(found, event).toEqual(["event_ignored"]);
      }
      expect(found, `${event} ${JSON.stringify(outcomes)}`).not.toContain("internal");
    }
    expect((await fetch(new URL("/readyz", product.webhookUrl))).status).toBe(200);
    expect(await product.log()).not.toMatch(/unhandled|uncaught/iu);
    await waitUntil("nothing runs any more", () =>
      readDeployments(product.dataDir).every(({ finishedAt }) => finishedAt !== null),
    );
  });
});
