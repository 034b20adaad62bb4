import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { countBuilds } from "../support/product-data.ts";
import { REGISTRY_USER, startRegistry, type TestRegistry } from "../support/registry.ts";
import { writeServerConfig } from "../support/server-config.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import {
  quickService,
  slowlyHealthy,
  stackFile,
  stackFiles,
  type StackParts,
} from "../support/stack-files.ts";
import { lookAtTasks, placesOf, removeFromNodes, type PlacedTask } from "../support/swarm-look.ts";
import { pullWithoutLogin, tagOn, updateNode } from "../support/swarm-nodes.ts";
import { openThreeNodes, type SwarmNode, type ThreeNodes } from "../support/three-nodes.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Far longer than the Swarm takes to miss a node here. */
const MONITOR_MS = 12_000;

let swarm: ThreeNodes;
let manager: Docker;
let registry: TestRegistry;
let product: Product;
const stacks = new Set<string>();

beforeAll(async () => {
  swarm = await openThreeNodes();
  manager = new Docker({ socketPath: swarm.socketPath });
  registry = await startRegistry(swarm.address);
  product = await openProduct({ DOCKER_HOST: `unix://${swarm.socketPath}` });
  await writeServerConfig(product, {
    allow: [{ repositories: ["*"], registries: ["localhost/*"] }],
  });
  await product.start();
});

afterEach(async () => {
  for (const stack of stacks) await removeFromNodes(swarm, stack);
  stacks.clear();
  expect(product.problems()).toEqual([]);
});

afterAll(async () => {
  await product?.close();
  await registry?.stop();
  await swarm?.close();
});

async function open(name: string): Promise<App> {
  stacks.add(stackOf({ name }));
  return product.app(name, name);
}

function stackOf({ name }: Pick<App, "name">): string {
  return `${name}-production`;
}

function tasksOf(app: App): Promise<readonly PlacedTask[]> {
  return lookAtTasks(swarm, stackOf(app));
}

async function placed(app: App): Promise<Readonly<Record<string, string[]>>> {
  return placesOf(await tasksOf(app));
}

/** A service that is not built. */
function given(image: string, parts: { readonly deploy?: StackParts } = {}): StackParts {
  return quickService({ ...parts, build: undefined, image });
}

test("images that each node has itself are spread over the nodes, with a word that nothing pins them", async () => {
  const [one, two, three] = swarm.nodes;
  for (const node of [one, two]) await updateNode(swarm, node, { Labels: { zone: "a" } });
  await updateNode(swarm, three, { Labels: { zone: "b" } });
  const app = await open("three-given");
  const preferences = [{ spread: "node.labels.zone" }];
  // Of the manager, which Skep asks, nothing is wanted.
  const elsewhere = "localhost/three-given/worker:1";
  await tagOn([two], elsewhere);
  const sha = await app.push(
    stackFiles({
      services: {
        web: given(BUSYBOX_IMAGE, { deploy: { replicas: 4, placement: { preferences } } }),
        far: given(elsewhere, { deploy: { placement: { constraints: [on("node-2")] } } }),
      },
    }),
  );
  const run = await app.finished(sha);
  expect(run.conclusion, run.summary ?? "").toBe("success");
  expect(await placed(app)).toEqual({
    web: ["node-1", "node-2", "node-3", "node-3"],
    far: ["node-2"],
  });
  expect(run.text).toMatch(/far`: localhost.* is in no registry.*: each node runs what it has by/);
});

test("what is built is refused without a registry, and runs on every node once there is one", async () => {
  const app = await open("three-built");
  const services = {
    web: quickService({ deploy: { replicas: 3 } }),
    agent: quickService({ deploy: { mode: "global" } }),
    pinned: quickService({
      deploy: { replicas: 2, placement: { constraints: [on("node-2")] } },
    }),
    back: quickService({
      deploy: { replicas: 4, placement: { constraints: ["node.role == worker"] } },
    }),
  };
  const sha = await app.push(stackFiles({ services }));
  const refused = await app.finished(sha);
  expectShownFailure(refused, {
    code: "registry_needed",
    title: /3 nodes and no registry/,
    cause: /only one of them would have what is built for agent, back, pinned, web/,
    next: /^Ask the operator to set SKEP_REGISTRY/,
    now: /^nothing was changed on the Swarm/,
  });
  expect(app.statesOf(sha).at(-1)).toBe("failure");
  expect(countBuilds(product.dataDir)).toBe(0);
  const filters = { label: [`skep.repository=${app.repositoryId}`] };
  expect(await manager.listImages({ filters })).toEqual([]);

  await startWithRegistry();
  app.press(refused);
  const run = await app.finished(sha, { count: 2 });
  expect(run.conclusion, run.summary ?? "").toBe("success");
  expect(await placed(app)).toEqual({
    web: ["node-1", "node-2", "node-3"],
    agent: ["node-1", "node-2", "node-3"],
    pinned: ["node-2", "node-2"],
    back: ["node-2", "node-2", "node-3", "node-3"],
  });
  const images = new Set((await tasksOf(app)).map(({ image }) => image));
  expect(images.size).toBe(1);
  const [image = ""] = images;
  expect(image).toMatch(
    new RegExp(
      `^${registry.address}/team/three-built/three-built:[0-9a-f]{16}@sha256:[0-9a-f]{64}$`,
    ),
  );
  for (const node of swarm.nodes) {
    const { RepoDigests } = await node.docker.getImage(image).inspect();
    expect(RepoDigests).toContain(image.replace(/:[0-9a-f]{16}@/u, "@"));
    // Only Skep's login lets a node have it.
    const [tag = ""] = image.split("@");
    expect(await pullWithoutLogin(node, tag)).toContain("no basic auth credentials");
  }
});

test("a deployment succeeds while a node is drained, and lets it be", async () => {
  const [, , three] = swarm.nodes;
  const app = await open("three-drained");
  const services = (version: string): StackParts => ({
    web: quickService({ environment: { VERSION: version }, deploy: { replicas: 3 } }),
    agent: quickService({ environment: { VERSION: version }, deploy: { mode: "global" } }),
  });
  const first = await app.finished(await app.push(stackFiles({ services: services("one") })));
  expect(first.conclusion, first.summary ?? "").toBe("success");
  expect(await placed(app)).toEqual({
    web: ["node-1", "node-2", "node-3"],
    agent: ["node-1", "node-2", "node-3"],
  });
  await updateNode(swarm, three, { Availability: "drain" });
  try {
    await waitUntil(
      "the node is empty",
      async () => (await three.docker.listContainers()).length === 0,
    );
    const second = await app.finished(await app.push(stackFile({ services: services("two") })));
    expect(second.conclusion, second.summary ?? "").toBe("success");
    const { web = [], agent } = await placed(app);
    expect(web).toHaveLength(3);
    expect(new Set(web)).toEqual(new Set(["node-1", "node-2"]));
    expect(agent).toEqual(["node-1", "node-2"]);
  } finally {
    await updateNode(swarm, three, { Availability: "active" });
  }
});

test("a node that lacks an image which the others have is named", async () => {
  const [one, two] = swarm.nodes;
  const image = "localhost/three-lacking/web:1";
  await tagOn([one, two], image);
  const app = await open("three-lacking");
  const deploy = { replicas: 3, restart_policy: { delay: "500ms" } };
  const sha = await app.push(stackFiles({ services: { web: given(image, { deploy }) } }));
  expectShownFailure(await app.finished(sha), {
    code: "image_not_found",
    title: /image localhost\/three-lacking\/web:1 was not found \(on node node-3\)/,
    cause: /image localhost\/three-lacking\/web:1 was not found \(on node node-3\)/,
    next: /^Build or load the image on that node too, or name it in a registry/,
    now: /^nothing runs/,
  });
  expect(app.statesOf(sha).at(-1)).toBe("failure");
});

test("a node lost during roll-outs: what can run elsewhere is proved there, what cannot fails with its name", async () => {
  const [, , three] = swarm.nodes;
  const constraints = [on("node-3")];
  const starting = await open("three-starting");
  const proving = await open("three-proving");
  const bound = await open("three-bound");
  // It cannot go back to what ran before, either.
  const before = given(BUSYBOX_IMAGE, { deploy: { placement: { constraints } } });
  const ran = await bound.finished(await bound.push(stackFiles({ services: { db: before } })));
  expect(ran.conclusion, ran.summary ?? "").toBe("success");

  // It runs already, and is to be seen running for longer than the Swarm takes to miss the node.
  const update_config = { monitor: `${MONITOR_MS / 1_000}s` };
  const provingSha = await proving.push(
    stackFiles({
      services: {
        web: quickService({ deploy: { replicas: 3, update_config } }),
        agent: quickService({ deploy: { mode: "global", update_config } }),
      },
    }),
  );
  await waitUntil("it runs", () => (proving.records().at(-1)?.tasksRunningAt ?? null) !== null);
  // These start for longer than that.
  const slow = slowlyHealthy(8);
  const startingSha = await starting.push(
    stackFiles({ services: { web: quickService({ ...slow, deploy: { replicas: 3 } }) } }),
  );
  const db = quickService({ ...slow, deploy: { placement: { constraints } } });
  const boundSha = await bound.push(stackFile({ services: { db } }));
  await waitUntil("the first starts there", () => isStarting(starting, three));
  await waitUntil("the other starts there", () => isStarting(bound, three));
  expect(proving.checkRuns(provingSha).map(({ status }) => status)).toEqual(["in_progress"]);

  await three.kill();
  try {
    const started = await starting.finished(startingSha);
    expect(started.conclusion, started.summary ?? "").toBe("success");
    await expectOnFirstTwo(starting, { web: 3 }, 0);

    const proved = await proving.finished(provingSha);
    expect(proved.conclusion, proved.summary ?? "").toBe("success");
    await expectOnFirstTwo(proving, { web: 3, agent: 2 }, MONITOR_MS);

    expectShownFailure(await bound.finished(boundSha), {
      code: "no_suitable_node",
      title: /^Failed, and so did going back: .* not available for new tasks \(node-3 is down\)/,
      cause: /\(node-3 is down\).*going back to the previous release failed for the same reason/,
      next: /^Bring the nodes back that are not available/,
      now: /^the environment is in between/,
    });
    expect(starting.statesOf(startingSha).at(-1)).toBe("success");
    expect(proving.statesOf(provingSha).at(-1)).toBe("success");
    expect(bound.statesOf(boundSha).at(-1)).toBe("error");
  } finally {
    await three.restart();
  }
});

/** Expects that the tasks ran on the two nodes that are left, for so long, before the deployment was called a success. */
async function expectOnFirstTwo(
  app: App,
  counts: Readonly<Record<string, number>>,
  provedMs: number,
): Promise<void> {
  const tasks = await tasksOf(app);
  const found = placesOf(tasks);
  expect(
    Object.fromEntries(Object.entries(found).map(([key, nodes]) => [key, nodes.length])),
  ).toEqual(counts);
  expect(new Set(Object.values(found).flat())).toEqual(new Set(["node-1", "node-2"]));
  const newest = Math.max(...tasks.map(({ since }) => since));
  expect(app.records().at(-1)?.finishedAt).toBeGreaterThanOrEqual(newest + provedMs);
}

async function isStarting(app: App, { hostname }: SwarmNode): Promise<boolean> {
  const tasks = await tasksOf(app);
  return tasks.some(({ node, state }) => node === hostname && state === "starting");
}

/** The constraint that lets a service run on one node only. */
function on(hostname: string): string {
  return `node.hostname == ${hostname}`;
}

/** Starts Skep again as an operator who has got a registry does. */
async function startWithRegistry(): Promise<void> {
  const file = join(product.dir, "registry-login.json");
  const auth = Buffer.from(`${REGISTRY_USER}:correct-horse`).toString("base64");
  await writeFile(file, JSON.stringify({ auths: { [registry.address]: { auth } } }));
  await product.stop();
  await product.start({
    SKEP_REGISTRY: `${registry.address}/team`,
    SKEP_REGISTRY_AUTH: file,
  });
}
