import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import { sharedDocker, sharedEngine } from "../support/engine.ts";
import { makeTempDir } from "../support/temp-dir.ts";

let dir: Awaited<ReturnType<typeof makeTempDir>>;
beforeEach(async () => void (dir = await makeTempDir()));
afterEach(async () => dir.remove());

const swarm = () => createDockerodeSwarm(createDockerClient(`unix://${sharedEngine().socketPath}`));
const containers = async () => (await sharedDocker().listContainers({ all: true })).length;

it("makes a folder of the node, and those around it, and leaves no container", async () => {
  const before = await containers();
  const path = join(dir.path, "shop", "uploads");
  await swarm().makeFolder(path, BUSYBOX_IMAGE);
  expect(existsSync(path)).toBe(true);
  expect(await containers()).toBe(before);
});

it("leaves alone what is there", async () => {
  const file = join(dir.path, "kept");
  await writeFile(file, "as it was");
  await swarm().makeFolder(dir.path, BUSYBOX_IMAGE);
  expect(existsSync(file)).toBe(true);
});

it("says what to do where it cannot", async () => {
  const file = join(dir.path, "file");
  await writeFile(file, "no folder");
  const before = await containers();
  await expect(swarm().makeFolder(join(file, "below"), BUSYBOX_IMAGE)).rejects.toMatchObject({
    code: "spec_rejected",
    nextStep: expect.stringContaining("mkdir -p"),
  });
  expect(await containers()).toBe(before);
});
