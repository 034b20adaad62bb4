import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { createSystemClock } from "../../src/clock.ts";
import { createBuildKitBuilder } from "../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createRegistryAuth } from "../../src/deployer/docker/registry-auth.ts";
import { askGivenImage } from "../../src/deployer/images.ts";
import type { Builder } from "../../src/deployer/ports.ts";
import { sharedDocker, sharedEngine } from "../support/engine.ts";
import { createRecordedLog } from "../support/recorded-log.ts";
import {
  REGISTRY_USER,
  removeImagesOf,
  startRegistry,
  type TestRegistry,
} from "../support/registry.ts";
import { tarContext } from "../support/tar-context.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const NOBODY_LISTENS = "127.0.0.1:1";
const { signal } = new AbortController();

let registry: TestRegistry;
let dir: TempDir;
let logins = 0;
beforeAll(async () => {
  registry = await startRegistry();
  dir = await makeTempDir();
});
afterAll(async () => {
  await registry?.stop();
  await dir?.remove();
});

/** Docker's config.json with one login, as `docker login` writes it. */
function configFor(password: string): string {
  const auth = Buffer.from(`${REGISTRY_USER}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [registry.address]: { auth } } });
}

interface LoggedIn {
  readonly builder: Builder;
  /** Replaces the login in the file. */
  rotate(password: string): Promise<void>;
}

/** A builder with this password for the registry; null for one without any login. */
async function logIn(password: string | null): Promise<LoggedIn> {
  const file = join(dir.path, `login-${++logins}.json`);
  const rotate = (next: string): Promise<void> => writeFile(file, configFor(next));
  if (password !== null) await rotate(password);
  const clock = createSystemClock();
  const client = createDockerClient(`unix://${sharedEngine().socketPath}`, clock);
  const auth = createRegistryAuth({
    file: password === null ? null : file,
    log: createRecordedLog(),
    onRotated: () => undefined,
  });
  return {
    builder: createBuildKitBuilder({ client, clock, registryAuth: auth.headerFor }),
    rotate,
  };
}

async function tagBusybox(name: string, tag: string): Promise<string> {
  await sharedDocker().getImage(BUSYBOX_IMAGE).tag({ repo: name, tag });
  return `${name}:${tag}`;
}

describe("a registry that wants a password", () => {
  let reference: string;
  let right: LoggedIn;
  beforeEach(async () => {
    await registry.setPassword("correct-horse");
    right = await logIn("correct-horse");
    reference = await tagBusybox(`${registry.address}/team/acme/shop`, "v1");
  });
  afterEach(() => removeImagesOf(registry));

  it("takes, describes and gives images with the right one", async () => {
    const { digest } = await right.builder.push(reference, signal);
    await removeImagesOf(registry);
    expect(await right.builder.imageId(reference)).toBeNull();
    const resolved = await right.builder.resolve(reference, signal);
    expect(resolved).toEqual({ digest, platforms: [{ os: "linux", architecture: hostArch() }] });
    const { imageId } = await right.builder.pull(`${reference}@${digest}`, signal);
    expect(imageId).toBe(await right.builder.imageId(BUSYBOX_IMAGE));
  });

  it.each([
    ["a wrong one", "guessed", /unauthorized: authentication required/u],
    ["none", null, /no basic auth credentials/u],
  ])("refuses %s in its own words, and Skep says what to do", async (_case, password, words) => {
    await right.builder.push(reference, signal);
    const { builder } = await logIn(password);
    const nextStep = expect.stringContaining("SKEP_REGISTRY_AUTH");
    await expect(builder.push(reference, signal)).rejects.toMatchObject({
      code: "push_failed",
      retryable: false,
      nextStep,
      message: expect.stringMatching(words),
    });
    await removeImagesOf(registry);
    const refused = { code: "image_not_found", nextStep, message: expect.stringMatching(words) };
    await expect(builder.resolve(reference, signal)).rejects.toMatchObject(refused);
    await expect(builder.pull(reference, signal)).rejects.toMatchObject(refused);
  });

  it("lets in again who brings the new one", async () => {
    await right.builder.push(reference, signal);
    await registry.setPassword("rotated-horse");
    await expect(right.builder.push(reference, signal)).rejects.toMatchObject({
      message: expect.stringContaining("unauthorized"),
    });
    await right.rotate("rotated-horse");
    const { digest } = await right.builder.push(reference, signal);
    await removeImagesOf(registry);
    expect((await right.builder.resolve(reference, signal)).digest).toBe(digest);
    await right.builder.pull(reference, signal);
    expect(await right.builder.imageId(reference)).not.toBeNull();
  });

  it("gives base images to builds with the right one, and to nobody else", async () => {
    await right.builder.push(reference, signal);
    await removeImagesOf(registry);
    const build = (builder: Builder, tag: string) =>
      builder.build({
        context: tarContext({ Dockerfile: `FROM ${reference}\nLABEL from=private\n` }),
        dockerfile: "Dockerfile",
        target: null,
        args: {},
        tag: `${registry.address}/team/built:${tag}`,
        labels: {},
        timeoutMs: 60_000,
        onEvent: () => undefined,
        signal,
      });
    for (const password of ["guessed", null]) {
      const { builder } = await logIn(password);
      await expect(build(builder, "never")).rejects.toMatchObject({ code: "build_failed" });
    }
    const { imageId } = await build(right.builder, "v1");
    expect(imageId).toMatch(/^sha256:/);
  });

  it("knows no image that nobody pushed", async () => {
    await right.builder.push(reference, signal);
    for (const unknown of [`${reference}-none`, `${registry.address}/team/none:1`]) {
      const refused = {
        code: "image_not_found",
        message: expect.stringContaining("manifest unknown"),
        nextStep: expect.stringContaining("name and tag"),
      };
      await expect(right.builder.resolve(unknown, signal)).rejects.toMatchObject(refused);
      const pulled = { ...refused, message: expect.stringMatching(/not found|unknown/u) };
      await expect(right.builder.pull(unknown, signal)).rejects.toMatchObject(pulled);
    }
  });

  it("pins a given image, which each node can pull then", async () => {
    const { digest } = await right.builder.push(reference, signal);
    const image = { reference, livePin: null, nodes: 3 };
    expect(await askGivenImage({ builder: right.builder, signal }, image)).toEqual({
      kind: "bound",
      runs: `${reference}@${digest}`,
      digest,
      platforms: [{ os: "linux", architecture: hostArch() }],
      unpinned: null,
    });
  });
});

describe("a registry that is away", () => {
  it("fails a push for now", async () => {
    const { builder } = await logIn(null);
    const reference = await tagBusybox(`${NOBODY_LISTENS}/team/shop`, "v1");
    try {
      await expect(builder.push(reference, signal)).rejects.toMatchObject({
        code: "push_failed",
        retryable: true,
        message: expect.stringMatching(/^pushing image .*connection refused$/u),
      });
    } finally {
      await sharedDocker().getImage(reference).remove();
    }
  });

  it.each([["busybox:1"], ["registry.example.com/team/shop:v1"], [`${NOBODY_LISTENS}/shop:v1`]])(
    "does not hold up the look-up of %s",
    async (reference) => {
      const { builder } = await logIn(null);
      const startedAt = Date.now();
      await expect(builder.resolve(reference, signal)).rejects.toMatchObject({
        code: "image_not_found",
        message: expect.stringMatching(/^looking up image .*(?:dial|lookup)/u),
        nextStep: expect.stringContaining("can reach it"),
      });
      expect(Date.now() - startedAt).toBeLessThan(5_000);
    },
  );

  it("lets a lone node run what it has", async () => {
    const { builder } = await logIn(null);
    const reference = await tagBusybox(`${NOBODY_LISTENS}/team/shop`, "v1");
    try {
      const ask = (nodes: number) =>
        askGivenImage({ builder, signal }, { reference, livePin: null, nodes });
      expect(await ask(1)).toMatchObject({ kind: "bound", runs: reference, digest: null });
      expect(await ask(2)).toMatchObject({ kind: "failed", error: { code: "image_not_found" } });
    } finally {
      await sharedDocker().getImage(reference).remove();
    }
  });
});

function hostArch(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}
