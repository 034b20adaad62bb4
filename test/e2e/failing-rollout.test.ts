import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { startProxy, type Proxy } from "../../sandbox/image/proxy.ts";
import { sharedDocker, sharedEngine } from "../support/engine.ts";
import { freePort } from "../support/free-port.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App, Files } from "../support/product-app.ts";
import { readEntered } from "../support/product-data.ts";
import { startLoad } from "../support/request-load.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { FROM, quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";
import { waitUntil } from "../support/wait-until.ts";

const PREVIOUS_RUNS = /^the previous version, \w{7} \(#1\), runs again\.$/;
const REMOVED = /^nothing runs: no version ran here before, and the service was removed again\.$/;
const RETRY = [
  { label: "Retry", description: "Deploy the same commit again", identifier: "retry" },
];

let proxy: Proxy;
let product: Product;
let app: App;

beforeAll(async () => {
  proxy = await startProxy(sharedEngine(), { network: "e2e-rollout" });
  product = await openProduct({ SKEP_NETWORK: proxy.network });
  await product.start();
});

afterEach(async () => {
  await app.remove();
  expect(product.problems()).toEqual([]);
});

afterAll(async () => {
  await product.close();
  await proxy.close();
});

/** A Dockerfile whose program says something and ends. */
function exitingDockerfile(code: number): string {
  return `${FROM}CMD echo "no database at db:5432" >&2; exit ${code}\n`;
}

/** Deploys a version that answers "one" and then pushes an update, asking the app all the time. */
async function updateUnderLoad(name: string, first: Files, update: Files) {
  app = await product.app(name);
  expect((await app.finished(await app.push(first))).conclusion).toBe("success");
  const ask = () => proxy.get(app.serviceName);
  await waitUntil("version one answers", async () => (await ask()).text === "one\n");
  const load = startLoad(ask);
  const sha = await app.push(update);
  const run = await app.finished(sha);
  const seen = await load.stop();
  return { sha, run, seen };
}

test("a first version that exits at once fails with its last lines, and leaves no service", async () => {
  app = await product.app("exit-first");
  const sha = await app.push({
    Dockerfile: exitingDockerfile(1),
    ".github/skep.yml": quickConfig(),
  });
  const run = await app.finished(sha);
  expectShownFailure(run, {
    code: "task_exited",
    title: /^Failed: the process failed \(exit code 1\)$/,
    cause: /^the process failed \(exit code 1\)/,
    next: /^Read its last lines, mend what they name and push again\./,
    now: REMOVED,
    evidence: /no database at db:5432/,
  });
  expect(run.actions).toEqual(RETRY);
  expect(new Set(app.statesOf(sha))).toEqual(new Set(["in_progress", "failure"]));
  expect(app.statesOf(sha).at(-1)).toBe("failure");
  expect(await app.service()).toBeNull();
});

/** A health check that asks the app for a path. */
function health(path: string): string {
  const test = `[CMD, wget, -qO-, "http://127.0.0.1:8080/${path}"]`;
  return `healthcheck: { test: ${test}, interval: 500ms, timeout: 1s, retries: 2 }`;
}

test("an update that exits at once is rolled back; the previous version serves without a gap", async () => {
  const { sha, run, seen } = await updateUnderLoad("exit-update", webFiles("one", health("")), {
    Dockerfile: exitingDockerfile(3),
  });
  expectShownFailure(run, {
    code: "task_exited",
    title: /^Rolled back: the process ended with an error \(exit code 3\)$/,
    cause: /^the process ended with an error \(exit code 3\)/,
    next: /^Read its last lines/,
    now: PREVIOUS_RUNS,
    evidence: /no database at db:5432/,
  });
  expect(run.actions).toEqual(RETRY);
  expect(app.statesOf(sha).at(-1)).toBe("failure");
  expect(seen).toEqual(["200 one"]);
});

// Without a health check, Swarm stops the old task as soon as the new container was started.
test("without a health check, the previous version is back within seconds", async () => {
  const { run, seen } = await updateUnderLoad("exit-unchecked", webFiles("one"), {
    Dockerfile: `${FROM}CMD sleep 0.5; echo "out of luck"; exit 1\n`,
  });
  expect(run.title).toMatch(/^Rolled back: the process failed/);
  const answer = await proxy.get(app.serviceName);
  expect(answer).toEqual({ status: 200, text: "one\n" });
  expect(seen.filter((text) => !/^(?:200 one$|50[23] )/.test(text))).toEqual([]);
});

test("an update whose health check never passes is rolled back without a gap", async () => {
  const { run, seen } = await updateUnderLoad("sick-update", webFiles("one", health("")), {
    Dockerfile: webDockerfile("two"),
    ".github/skep.yml": quickConfig(health("none")),
  });
  expectShownFailure(run, {
    code: "task_unhealthy",
    title: /^Rolled back: the health check failed until Docker stopped the container/,
    cause: /\(wget -qO- http:\/\/127\.0\.0\.1:8080\/none\)/,
    next: /healthcheck\.start_period/,
    now: PREVIOUS_RUNS,
    evidence: /404/,
  });
  expect(seen).toEqual(["200 one"]);
});

test("an update of two tasks reaches both without a gap", async () => {
  const config = "deploy: { replicas: 2, update_config: { monitor: 500ms } }";
  const { run, seen } = await updateUnderLoad("two-tasks", webFiles("one", config), {
    Dockerfile: webDockerfile("two"),
  });
  expect(run.conclusion).toBe("success");
  expect(seen.toSorted()).toEqual(["200 one", "200 two"]);
});

test("a host port that another service holds is named", async () => {
  const port = await freePort();
  const config = `ports: [{ target: 8080, published: ${port}, mode: host }]`;
  const holder = await product.app("port-holder");
  expect((await holder.finished(await holder.push(webFiles("one", config)))).conclusion).toBe(
    "success",
  );
  app = await product.app("port-taken");
  const run = await app.finished(await app.push(webFiles("two", config)));
  await holder.remove();
  expectShownFailure(run, {
    code: "port_in_use",
    title: new RegExp(`^Failed: host port ${port} is taken`),
    cause: new RegExp(
      `^host port ${port} is taken by service port-holder-production_port-holder on 1 node`,
    ),
    next: /^Publish another port/,
    now: REMOVED,
  });
  expect(await app.service()).toBeNull();
});

/** Reserves most of the node's CPUs, so that a task that wants as many waits for a node in vain. */
async function holdCpus(nanoCpus: number): Promise<() => Promise<void>> {
  const holder = await sharedDocker().createService({
    Name: "cpu-holder",
    TaskTemplate: {
      ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000000"] },
      Resources: { Reservations: { NanoCPUs: nanoCpus } },
    },
  });
  await waitUntil("the CPUs are held", async () => {
    const tasks = await sharedDocker().listTasks({ filters: { service: ["cpu-holder"] } });
    return z.array(z.object({ NodeID: z.string() })).safeParse(tasks).success && tasks.length > 0;
  });
  return () => sharedDocker().getService(holder.id).remove();
}

test.each(["exits at once", "finds no node"])(
  "an app with a host port of its own serves again within 10 s of the verdict when its update %s",
  async (fault) => {
    const port = await freePort();
    const ports = `ports: [{ target: 8080, published: ${port}, mode: host }]`;
    const ask = async () => {
      const answer = await fetch(`http://${sharedEngine().address}:${port}/`, {
        signal: AbortSignal.timeout(2_000),
      });
      return { status: answer.status, text: await answer.text() };
    };
    app = await product.app(`port-own-${fault.split(" ")[0]}`);
    expect((await app.finished(await app.push(webFiles("one", ports)))).conclusion).toBe("success");
    const { NCPU } = z.object({ NCPU: z.number() }).parse(await sharedDocker().info());
    const cpus = NCPU * 0.6;
    const reserve = `deploy: { resources: { reservations: { cpus: "${cpus}" } }, update_config: { monitor: 500ms } }`;
    const isExit = fault === "exits at once";
    const release = isExit ? null : await holdCpus(Math.round(cpus * 1e9));
    const update = isExit
      ? { Dockerfile: exitingDockerfile(1) }
      : { ".github/skep.yml": quickConfig(ports, reserve) };

    const load = startLoad(ask);
    const sha = await app.push(update);
    let run;
    try {
      run = await app.finished(sha);
    } finally {
      await release?.();
    }
    const verdictAt = readEntered(product.dataDir, run.externalId, "rolling_back");
    const serves = () =>
      load.answers.find(({ askedAt, text }) => askedAt > verdictAt && text === "200 one");
    await waitUntil("version one answers", () => serves() !== undefined);
    await load.stop();
    expect(run.title).toMatch(
      isExit ? /^Rolled back: the process failed/ : /^Rolled back: no node has the reserved/,
    );
    expect(run.summary).toMatch(/the previous version, .*, runs again/);
    const lastFailed = load.answers.findLast(({ text }) => text !== "200 one");
    expect((lastFailed?.askedAt ?? 0) - verdictAt).toBeLessThan(10_000);
  },
);

test("a constraint that no node meets is named, and an update with it changes nothing that runs", async () => {
  const impossible = quickConfig(
    "deploy: { placement: { constraints: [node.labels.disk == ssd] }, update_config: { monitor: 500ms } }",
  );
  const { run, seen } = await updateUnderLoad("no-node", webFiles("one"), {
    ".github/skep.yml": impossible,
  });
  expectShownFailure(run, {
    code: "no_suitable_node",
    title: /^Failed: no node meets the placement constraint node\.labels\.disk == ssd/,
    cause: /^no node meets the placement constraint node\.labels\.disk == ssd/,
    next: /docker node update/,
    now: /^nothing was changed on the Swarm; the previous version, \w{7} \(#1\), goes on\.$/,
  });
  expect(seen).toEqual(["200 one"]);
});

test("Retry works for who may write, and for nobody else", async () => {
  app = await product.app("retry");
  const { github } = product;
  for (const [user, role] of [
    ["wanda", "write"],
    ["rita", "read"],
  ] as const) {
    github.addUser({ login: user });
    github.setPermission({ owner: app.owner, repo: app.name, user, role });
  }
  const sha = await app.push({
    Dockerfile: exitingDockerfile(1),
    ".github/skep.yml": quickConfig(),
  });
  const failed = await app.finished(sha);
  expect(failed.conclusion).toBe("failure");

  app.press(failed, { user: "rita" });
  expect(await app.decided("check_run")).toBe("not_authorized");
  expect(app.checkRuns(sha)).toHaveLength(1);

  app.press(failed, { user: "wanda" });
  expect(await app.decided("check_run")).toBe("accepted");
  const again = await app.finished(sha, { count: 2 });
  expect(again.id).not.toBe(failed.id);
  expect(again.conclusion).toBe("failure");
  expect(again.summary).toMatch(/by `wanda`/);
  expect(again.summary).toMatch(/already built/);
  expect(app.deployments(sha).map(({ statuses }) => statuses.at(-1)?.state)).toEqual([
    "failure",
    "failure",
  ]);
});
