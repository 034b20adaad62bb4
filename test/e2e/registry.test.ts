import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { createDockerCli, type DockerCli, writeCheckout } from "../support/docker-cli.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App, Files } from "../support/product-app.ts";
import { countBuilds } from "../support/product-data.ts";
import { openPull } from "../support/product-pull.ts";
import {
  REGISTRY_USER,
  type RegistryPassword,
  removeImagesOf,
  startRegistry,
  type TestRegistry,
} from "../support/registry.ts";
import { writeServerConfig } from "../support/server-config.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { identitiesOf, lookAtStack, removeStack } from "../support/stack-look.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";
import { quickConfig, webDockerfile } from "../support/web-files.ts";

let registry: TestRegistry;
let product: Product;
let app: App;
/** Of the `config.json` that Skep and the command `docker` find their login in. */
let dir: TempDir;
let docker: DockerCli;

beforeAll(async () => {
  registry = await startRegistry();
  dir = await makeTempDir();
  await logIn("correct-horse");
  docker = createDockerCli(dir.path);
  product = await openProduct({
    SKEP_REGISTRY: `${registry.address}/team`,
    SKEP_REGISTRY_AUTH: join(dir.path, "config.json"),
  });
  await product.start();
});

beforeEach(async () => {
  await registry.setPassword("correct-horse");
  await logIn("correct-horse");
});

afterEach(async () => {
  await removeStack(`${app.name}-production`);
  expect(product.problems()).toEqual([]);
});

afterAll(async () => {
  await product?.close();
  await removeImagesOf(registry);
  await registry?.stop();
  await dir?.remove();
});

/** Replaces the one login, as `docker login` writes it. */
async function logIn(password: RegistryPassword): Promise<void> {
  const auth = Buffer.from(`${REGISTRY_USER}:${password}`).toString("base64");
  const config = { auths: { [registry.address]: { auth } } };
  await writeFile(join(dir.path, "config.json"), JSON.stringify(config));
}

/** A repository whose build does not depend on what else is in it. */
function files(answer: string): Files {
  return { "app/Dockerfile": webDockerfile(answer), ".github/skep.yml": quickConfig("build: app") };
}

/** Makes a name mean another image than before, on the engine and in its registry. */
async function replaceImage(image: string): Promise<void> {
  const container = await docker("create", BUSYBOX_IMAGE, "sh");
  await docker("commit", "--change", "LABEL version=2", container, image);
  await docker("rm", container);
  await docker("push", image);
}

test("a build is pushed and runs by its digest; what is unchanged restarts nothing, and a rollback needs no local image", async () => {
  app = await product.app("pushed", "pushed");
  const stack = "pushed-production";
  const first = await app.push(files("one"));
  expect((await app.finished(first)).conclusion).toBe("success");
  const one = await lookAtStack(stack);
  expect(one["pushed"]?.image).toMatch(
    new RegExp(`^${registry.address}/team/pushed/pushed:[0-9a-f]{16}@sha256:[0-9a-f]{64}$`),
  );

  const kept = await app.finished(await app.push({ "README.md": "words\n" }));
  expect(kept.conclusion).toBe("success");
  expect(kept.summary).toMatch(/already built/);
  expect(identitiesOf(await lookAtStack(stack))).toEqual(identitiesOf(one));

  const second = await app.push({ "app/Dockerfile": webDockerfile("two") });
  expect((await app.finished(second)).conclusion).toBe("success");
  const two = await lookAtStack(stack);
  expect(two["pushed"]?.image).not.toBe(one["pushed"]?.image);
  const pull = await openPull(product, app, { "NOTES.md": "words\n" });
  const before = countBuilds(product.dataDir);
  const old = one["pushed"]?.image.replace(/@.*/, "") ?? "";
  await docker("rmi", "--force", await docker("image", "inspect", "--format", "{{.Id}}", old));
  await expect(docker("image", "inspect", old)).rejects.toThrow(/no such image/i);

  expect(await pull.ended(pull.comment("/rollback"))).toBe("rocket");

  expect((await lookAtStack(stack))["pushed"]?.image).toBe(one["pushed"]?.image);
  expect(countBuilds(product.dataDir)).toBe(before);
});

test("a wrong password fails the build's push with what to mend, and touches nothing; the right one needs no restart", async () => {
  app = await product.app("locked", "locked");
  const stack = "locked-production";
  const first = await app.push(files("one"));
  expect((await app.finished(first)).conclusion).toBe("success");
  const before = await lookAtStack(stack);
  await registry.setPassword("rotated-horse");

  const second = await app.push({ "app/Dockerfile": webDockerfile("two") });
  const refused = await app.finished(second);

  expectShownFailure(refused, {
    code: "push_failed",
    title: /^Failed: pushing /,
    cause: /unauthorized/,
    next: /SKEP_REGISTRY_AUTH/,
    now: /^nothing was changed on the Swarm; the previous version, \w{7} \(#1\), goes on\.$/,
  });
  expect(JSON.stringify(refused)).not.toMatch(/(?:correct|rotated)-horse/);
  expect(identitiesOf(await lookAtStack(stack))).toEqual(identitiesOf(before));

  await logIn("rotated-horse");
  app.press(refused);
  const again = await app.finished(second, { count: 2 });
  expect(again.conclusion, again.summary ?? "").toBe("success");
  expect(again.summary).toMatch(/already built/);
});

test("what `docker stack deploy` pinned to a digest stays at it when Skep takes it over", async () => {
  app = await product.app("pinned", "pinned");
  const stack = "pinned-production";
  const image = `${registry.address}/team/given:1`;
  await docker("tag", BUSYBOX_IMAGE, image);
  await docker("push", image);
  const given = {
    "stack.yml": `version: "3.8"
services:
  web:
    image: ${image}
    command: ["sleep", "1000000"]
    init: true
    stop_grace_period: 1s
    deploy: { endpoint_mode: dnsrr, update_config: { monitor: 500ms } }
`,
  };
  const checkout = join(product.dir, "checkout");
  await writeCheckout(checkout, given);
  const file = join(checkout, "stack.yml");
  await docker("stack", "deploy", "--with-registry-auth", "--compose-file", file, stack);
  await waitUntil("its task runs", async () => {
    const { web } = await lookAtStack(stack);
    return web?.tasks.some(({ state }) => state === "running") ?? false;
  });
  const before = await lookAtStack(stack);
  expect(before["web"]?.image).toMatch(/@sha256:/);
  // The tag means another image from now on.
  await replaceImage(image);
  const binding = { repository: "pinned/pinned", app: "pinned", environment: "production" };
  await product.stop();
  await writeServerConfig(product, { stacks: { [stack]: binding } });
  await product.start();

  const run = await app.finished(
    await app.push({ ...given, ".github/skep.yml": "stack: stack.yml\n" }),
  );

  expect(run.conclusion, run.summary ?? "").toBe("success");
  const after = await lookAtStack(stack);
  expect(after["web"]?.image).toBe(before["web"]?.image);
  expect(after["web"]?.tasks.map(({ id }) => id)).toEqual(before["web"]?.tasks.map(({ id }) => id));
});

test("a registry that is away stops neither what is unchanged nor a rollback", async () => {
  app = await product.app("away", "away");
  const stack = "away-production";
  const first = await app.finished(await app.push(files("one")));
  expect(first.conclusion).toBe("success");
  const one = await lookAtStack(stack);
  const second = await app.finished(await app.push({ "app/Dockerfile": webDockerfile("two") }));
  expect(second.conclusion).toBe("success");
  const two = await lookAtStack(stack);
  await registry.stop();

  const kept = await app.finished(await app.push({ "README.md": "words\n" }));
  expect(kept.conclusion, kept.summary ?? "").toBe("success");
  expect(identitiesOf(await lookAtStack(stack))).toEqual(identitiesOf(two));
  const pull = await openPull(product, app, { "NOTES.md": "words\n" });
  expect(await pull.ended(pull.comment("/rollback 2"))).toBe("rocket");
  expect((await lookAtStack(stack))["away"]?.image).toBe(one["away"]?.image);
});
