import { afterEach, beforeEach, expect, it } from "vitest";
import { findGoneImages } from "../../../src/policy/commands/gather-rollback-facts.ts";
import type { Store } from "../../../src/store/ports.ts";
import { openSqliteStore } from "../../../src/store/sqlite-store.ts";
import { release } from "../../support/command-facts.ts";
import { createCommandWorld, type CommandWorld } from "../../support/command-world.ts";
import { REPOSITORY } from "../../support/records.ts";
import { releaseService, releaseStack } from "../../support/release-stacks.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

let dir: TempDir;
let store: Store;
let world: CommandWorld;

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  world = createCommandWorld(store);
});

afterEach(async () => {
  await store.close();
  await dir.remove();
});

async function build(image: string): Promise<void> {
  const recorded = { key: image, repositoryId: REPOSITORY.id, image, imageId: `id of ${image}` };
  await store.catalog.saveBuild({ ...recorded, digest: null, createdAt: 1, durationMs: 1 });
  world.images.set(image, recorded.imageId);
}

it("are those of the services that were built here and cannot run again", async () => {
  const stack = releaseStack(
    releaseService("api", { reference: "shop:api" }),
    releaseService("cache", { reference: "redis:7", buildKey: null, imageId: null }),
    releaseService("forgotten", { reference: "shop:forgotten" }),
    releaseService("other", { reference: "shop:other" }),
    releaseService("pruned", { reference: "shop:pruned" }),
    releaseService("pushed", { reference: "registry.example.com/shop:p", digest: "sha256:1" }),
    releaseService("worker", { reference: "shop:api" }),
  );
  await build("shop:api");
  await build("shop:other");
  await build("shop:pruned");
  world.images.set("shop:forgotten", "id of shop:forgotten");
  world.images.set("shop:other", "id of another");
  world.images.delete("shop:pruned");
  const gone = await findGoneImages(world.from, release({ stack }));
  expect(gone).toEqual(["forgotten", "other", "pruned"]);
  // What was given or pushed is asked for in its registry when it is needed.
  expect(world.asked).not.toContain("image redis:7");
  expect(world.asked).not.toContain("image registry.example.com/shop:p");
});
