import type { Container, ContainerCreateOptions } from "dockerode";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createBuildKitBuilder } from "../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { TEST_APP } from "../support/app-key.ts";
import { sharedDocker, sharedEngine } from "../support/engine.ts";
import { importSkepBase, packProject } from "../support/skep-image.ts";
import { waitUntil } from "../support/wait-until.ts";

const BASE = "localhost/skep-test/container-base:1";
const IMAGE = "localhost/skep-test/container:1";
const VOLUME = "skep-test-container";
const SECRET = "the webhook secret";
const SOCKET = "/var/run/docker.sock";
const SETTINGS = {
  APP_ID: String(TEST_APP.id),
  PRIVATE_KEY: TEST_APP.privateKey.replaceAll("\n", "\\n"),
  WEBHOOK_SECRET: SECRET,
};

beforeAll(async () => {
  await importSkepBase(sharedDocker(), BASE);
  const clock = createSystemClock();
  const client = createDockerClient(`unix://${sharedEngine().socketPath}`, clock);
  await createBuildKitBuilder({ client, clock, registryAuth: () => null }).build({
    context: await packProject(),
    dockerfile: "Dockerfile",
    target: null,
    args: { BASE_IMAGE: BASE },
    tag: IMAGE,
    labels: {},
    timeoutMs: 120_000,
    onEvent: () => undefined,
    signal: new AbortController().signal,
  });
}, 180_000);

afterEach(async () => {
  const filters = { ancestor: [IMAGE] };
  for (const { Id } of await sharedDocker().listContainers({ all: true, filters }))
    await sharedDocker().getContainer(Id).remove({ force: true, v: true });
});

afterAll(async () => {
  const docker = sharedDocker();
  for (const name of [IMAGE, BASE]) await docker.getImage(name).remove({ force: true });
  await docker.getVolume(VOLUME).remove();
});

/** Creates a container that may do no more than Skep needs: not root, nothing to write but its volume. */
async function createContainer(
  settings: Readonly<Record<string, string>>,
  options: ContainerCreateOptions = {},
): Promise<Container> {
  return await sharedDocker().createContainer({
    Image: IMAGE,
    Env: Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    // The image's own check, more often.
    Healthcheck: { Interval: 500_000_000 },
    HostConfig: {
      Binds: [`${sharedEngine().socketPath}:${SOCKET}`, `${VOLUME}:/data`],
      GroupAdd: [String(process.getgid?.() ?? 0)],
      PortBindings: { "3000/tcp": [{ HostPort: "0" }] },
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
    },
    ...options,
  });
}

async function outputOf(container: Container): Promise<string> {
  const logs = await container.logs({ stdout: true, stderr: true });
  return logs.toString("utf8");
}

async function waitUntilHealthy(container: Container): Promise<void> {
  await waitUntil("the health check of the image passes", async () => {
    const { State } = await container.inspect();
    if (!State.Running) throw new Error(`Skep ended: ${await outputOf(container)}`);
    return State.Health?.Status === "healthy";
  });
}

async function askReadiness(container: Container): Promise<unknown> {
  const { NetworkSettings } = await container.inspect();
  const port = NetworkSettings.Ports["3000/tcp"]?.[0]?.HostPort;
  const answer = await fetch(`http://${sharedEngine().address}:${port}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

test("becomes healthy and ready, neither root nor able to write outside its volume", async () => {
  const container = await createContainer(SETTINGS);
  await container.start();
  await waitUntilHealthy(container);
  expect(await askReadiness(container)).toMatchObject({
    status: 200,
    body: { status: "ready", parts: { docker: "ok", redis: "ok" } },
  });
  expect((await container.inspect()).Config.User).toBe("1000:1000");
  expect(await outputOf(container)).not.toContain(SECRET);
});

test("ends by itself when it is stopped, long before it would be killed", async () => {
  const container = await createContainer(SETTINGS);
  await container.start();
  await waitUntilHealthy(container);
  const stoppedAt = Date.now();
  await container.stop({ t: 60 });
  expect(Date.now() - stoppedAt).toBeLessThan(10_000);
  const { State } = await container.inspect();
  expect(State.ExitCode).toBe(0);
  expect(await outputOf(container)).toContain('"msg":"ended"');
});

test("starts again on the data that a killed one left", async () => {
  const killed = await createContainer(SETTINGS);
  await killed.start();
  await waitUntilHealthy(killed);
  await killed.kill();
  const container = await createContainer(SETTINGS);
  await container.start();
  await waitUntilHealthy(container);
});

test("refuses to start without a webhook secret", async () => {
  const { APP_ID, PRIVATE_KEY } = SETTINGS;
  const container = await createContainer({ APP_ID, PRIVATE_KEY });
  await container.start();
  expect(await container.wait()).toMatchObject({ StatusCode: 1 });
  expect(await outputOf(container)).toContain("WEBHOOK_SECRET must be the App's webhook secret");
});

test("holds what runs and nothing else", async () => {
  const [base, image] = await Promise.all(
    [BASE, IMAGE].map((name) => sharedDocker().getImage(name).inspect()),
  );
  expect(Number(image?.Size) - Number(base?.Size)).toBeLessThan(40_000_000);
  const container = await createContainer(
    {},
    { Entrypoint: ["ls", "-A"], Cmd: ["/app"], Tty: true },
  );
  await container.start();
  await container.wait();
  expect((await outputOf(container)).split(/\s+/u).filter(Boolean).toSorted()).toEqual([
    "LICENSE",
    "app.yml",
    "bin",
    "node_modules",
    "package.json",
    "src",
  ]);
});
