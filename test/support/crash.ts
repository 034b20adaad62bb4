import { expect } from "vitest";
import type { App, Files } from "./product-app.ts";
import { isReported, readDeployments } from "./product-data.ts";
import { openProduct, type Product } from "./product.ts";
import { waitUntil } from "./wait-until.ts";

/** How often a crash is tried in a row. */
const ROUNDS = 3;

/** A crash at one point of one effect, again and again, on a product of its own. */
export interface CrashCase {
  /** The fault hook's words, `<effect>:<point>`: tried several times, or several, each tried once and in turn. */
  readonly fault: string | readonly string[];
  /** What each round pushes; also names the repository. */
  readonly name: string;
  /** Pushed and deployed before the first crash; null for nothing. */
  readonly base: Files | null;
  readonly change: (round: number) => Files;
  /** Called when the base is deployed, before the first crash. */
  readonly prepare?: (app: App) => Promise<void>;
  /** What shall be true in the end of each round. */
  readonly verify: (after: AfterCrash) => Promise<void>;
}

/** One round of a crash, over. */
export interface AfterCrash {
  readonly product: Product;
  readonly app: App;
  readonly sha: string;
  readonly round: number;
  /** ID of the deployment of `sha`, and of the one that succeeded before it. */
  readonly deploymentId: string;
  readonly previousId: string | null;
}

/** Kills Skep at the fault's point, starts it again, and verifies, several times over. */
export async function runCrashCase(about: CrashCase): Promise<void> {
  const product = await openProduct();
  const app = await product.app(about.name);
  try {
    if (about.base !== null) {
      await product.start();
      const run = await app.finished(await app.push(about.base));
      expect(run.conclusion, run.summary ?? "").toBe("success");
      await killWhenReported(product);
    }
    await about.prepare?.(app);
    const { fault } = about;
    const faults = typeof fault === "string" ? Array.from({ length: ROUNDS }, () => fault) : fault;
    for (const [index, each] of faults.entries()) {
      await crashOnce(product, app, { ...about, fault: each }, index + 1);
    }
    expect(product.problems()).toEqual([]);
  } finally {
    await product.close();
    await app.remove();
  }
}

async function crashOnce(
  product: Product,
  app: App,
  about: CrashCase & { readonly fault: string },
  round: number,
): Promise<void> {
  const previous = readSucceeded(product);
  await product.start({ SKEP_FAULT: about.fault });
  const sha = await app.push(about.change(round));
  await product.died();
  await product.start();
  await app.finished(sha);
  const deploymentId = readDeployments(product.dataDir).find((one) => one.sha === sha)?.id ?? "";
  await about.verify({ product, app, sha, round, deploymentId, previousId: previous });
  await killWhenReported(product);
}

/** What is still to be told would meet the next round's fault. */
async function killWhenReported(product: Product): Promise<void> {
  await waitUntil("all is reported", () => isReported(product.dataDir));
  await product.kill();
}

function readSucceeded(product: Product): string | null {
  if (!product.hasStarted()) return null;
  const all = readDeployments(product.dataDir);
  return all.findLast(({ state }) => state === "succeeded")?.id ?? null;
}

/** Expects the deployment to have succeeded by exactly one change of the service. */
export async function expectDeployedOnce(after: AfterCrash): Promise<void> {
  const { app, sha, deploymentId, previousId, round } = after;
  const runs = app.checkRuns(sha);
  expect(
    runs.map(({ conclusion }) => conclusion),
    runs[0]?.summary ?? "",
  ).toEqual(["success"]);
  // A status that may be on its way to GitHub since the crash is looked up some seconds after it.
  await app.untilState(sha, "success");
  const states = app.statesOf(sha);
  expect(new Set(states).size, states.join(", ")).toBe(states.length);
  const service = await app.service();
  expect(service?.Spec.Labels["skep.deployment"]).toBe(deploymentId);
  // A second update, even an equal one, would have put this deployment's own spec here.
  expect(service?.PreviousSpec?.Labels["skep.deployment"] ?? null, `round ${round}`).toBe(
    previousId,
  );
}
