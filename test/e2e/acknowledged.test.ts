import { afterAll, beforeAll, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import { createProductApp, type App } from "../support/product-app.ts";
import { openPull, type Pull } from "../support/product-pull.ts";
import { waitUntil } from "../support/wait-until.ts";
import { webFiles } from "../support/web-files.ts";

const OWNERS = ["acme", "bolt", "core", "dune"];
const REPOSITORIES_EACH = 5;
const COMMENTS_EACH = 5;
const GOAL_MS = 2_000;

let product: Product;
let apps: readonly App[] = [];
let pulls: readonly Pull[] = [];

beforeAll(async () => {
  product = await openProduct();
  await product.start();
  const names = OWNERS.flatMap((owner) =>
    Array.from({ length: REPOSITORIES_EACH }, (_, at) => ({ owner, name: `ack-${owner}-${at}` })),
  );
  for (const owner of OWNERS) product.github.installApp({ owner });
  apps = await Promise.all(names.map((name) => createProductApp(product, name)));
  const first = await Promise.all(apps.map((app) => app.push(webFiles(app.name))));
  for (const [at, app] of apps.entries()) await app.finished(first[at] ?? "");
  pulls = await Promise.all(apps.map((app) => openPull(product, app, { "NOTES.md": "words\n" })));
  await product.github.idle();
});

afterAll(async () => {
  expect(product.problems()).toEqual([]);
  await Promise.all(apps.map((app) => app.remove()));
  await product.close();
});

/** When GitHub got Skep's first reaction to a comment, in milliseconds since the epoch; null until then. */
function seenAt(commentId: number): number | null {
  const path = new RegExp(`/issues/comments/${commentId}/reactions`, "u");
  const [first] = product.github.requests.find({ method: "POST", path });
  return first ? Date.parse(first.at) : null;
}

test("a comment is seen within two seconds at p99 while twenty repositories are deployed", async () => {
  const sent = new Map<number, number>();
  const pushes = Promise.all(apps.map((app) => app.push(webFiles(`${app.name} two`))));
  for (let round = 0; round < COMMENTS_EACH; round++) {
    for (const pull of pulls) {
      const at = Date.now();
      sent.set(pull.comment("/status"), at);
      // Each comes when the one before it is under way, so that they are spread over the deployments.
      await waitUntil("the webhook has left", () => product.github.deliveries.length > 0);
    }
    await waitUntil("all of this round are seen", () =>
      [...sent.keys()].every((comment) => seenAt(comment) !== null),
    );
  }
  const waits = [...sent].map(
    ([comment, at]) => (seenAt(comment) ?? Number.POSITIVE_INFINITY) - at,
  );
  const sorted = waits.toSorted((a, b) => a - b);
  expect(sorted).toHaveLength(OWNERS.length * REPOSITORIES_EACH * COMMENTS_EACH);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY;
  const median = sorted[Math.floor(sorted.length / 2)];
  const told = `seen after ${median} ms (median), ${p99} ms (p99), ${sorted.at(-1)} ms (longest)`;
  process.stdout.write(`${told}\n`);
  expect(p99, told).toBeLessThan(GOAL_MS);
  for (const [index, sha] of (await pushes).entries()) {
    await apps[index]?.finished(sha, { deadlineMs: 85_000 });
  }
});
