import { mkdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { cleanStale } from "../../sandbox/engine/clean-stale.ts";
import { type Engine, startEngine } from "../../sandbox/engine/engine.ts";
import { importBaseImage } from "../../sandbox/image/base-image.ts";
import type { SharedEngine } from "./engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    engine: SharedEngine;
  }
}

const root = join(tmpdir(), `skep-test-${process.getuid?.() ?? 0}`);
let engine: Engine | undefined;

/** Starts the one private engine that all integration tests of a run share, with base images. */
export async function setup(project: TestProject): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  await cleanStale(root);
  engine = await startEngine({ dir: join(root, `engine-${process.pid}`), name: "test" });
  await importBaseImage(engine);
  project.provide("engine", { socketPath: engine.socketPath, address: engine.address });
}

/** Ends the engine and everything that tests left running in it. */
export async function teardown(): Promise<void> {
  await engine?.stop();
  // Another run may have its engine there still.
  await rmdir(root).catch(() => undefined);
}
