import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sharedDocker } from "../support/engine.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { countBuilds } from "../support/product-data.ts";
import { quickService, slowlyHealthy, stackFile, stackFiles } from "../support/stack-files.ts";
import {
  identitiesOf,
  identityOf,
  lookAtStack,
  removeStack,
  type SeenService,
} from "../support/stack-look.ts";

let product: Product;
let app: App;
let stack: string;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  await removeStack(stack);
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

async function open(name: string): Promise<void> {
  app = await product.app(name, name);
  stack = `${name}-production`;
}

/** Web, API, worker, a database with a volume, a cache, and a job that prepares the database. */
function shop(version: string) {
  return {
    services: {
      web: quickService({ depends_on: ["api"] }),
      api: quickService({
        depends_on: {
          db: { condition: "service_healthy" },
          cache: { condition: "service_started" },
          migrate: { condition: "service_completed_successfully" },
        },
      }),
      worker: quickService({ environment: { VERSION: version }, depends_on: ["db"] }),
      migrate: quickService({
        command: ["sleep", "2"],
        depends_on: { db: { condition: "service_healthy" } },
        deploy: { mode: "replicated-job", endpoint_mode: undefined, update_config: undefined },
      }),
      db: quickService({ ...slowlyHealthy(2), volumes: ["entries:/data"] }),
      cache: quickService(),
    },
    volumes: { entries: {} },
  };
}

function only(services: Readonly<Record<string, SeenService>>, key: string): SeenService {
  const service = services[key];
  if (service === undefined) throw new Error(`${stack} has no service ${key}`);
  return service;
}

/** Since when all tasks of a service are as far as they come. */
function upSince({ tasks }: SeenService): number {
  return Math.max(...tasks.map(({ since }) => since));
}

test("a stack of six services starts in order, and a push changes only what it changes", async () => {
  await open("stack-push");
  const builds = countBuilds(product.dataDir);
  const files = stackFiles(shop("one"));
  const first = await app.push(files);
  const run = await app.finished(first);

  expect(run.conclusion, run.summary ?? "").toBe("success");
  expect(run.title).toMatch(/runs in production/);
  for (const key of Object.keys(shop("").services)) expect(run.text).toContain(`_${key}`);
  expect(app.statesOf(first)).toEqual(["in_progress", "success"]);
  expect(countBuilds(product.dataDir) - builds).toBe(1);

  const one = await lookAtStack(stack);
  expect(Object.keys(one).toSorted()).toEqual(["api", "cache", "db", "migrate", "web", "worker"]);
  const [db, migrate, api, web] = ["db", "migrate", "api", "web"].map((key) => only(one, key));
  if (!db || !migrate || !api || !web) throw new Error("a service is missing");
  expect(migrate.tasks.map(({ state }) => state)).toEqual(["complete"]);
  // All of these are the engine's own times.
  expect(upSince(db) - db.createdAt).toBeGreaterThanOrEqual(2_000);
  expect(migrate.createdAt).toBeGreaterThanOrEqual(upSince(db));
  expect(api.createdAt).toBeGreaterThanOrEqual(upSince(migrate));
  expect(api.createdAt).toBeGreaterThanOrEqual(upSince(only(one, "cache")));
  expect(only(one, "worker").createdAt).toBeGreaterThanOrEqual(upSince(db));
  expect(web.createdAt).toBeGreaterThanOrEqual(upSince(api));

  const second = await app.push({ "README.md": "words\n" });
  const kept = await app.finished(second);
  expect(kept.conclusion, kept.summary ?? "").toBe("success");
  expect(kept.text).toContain("Nothing to change; 6 services, 1 network unchanged.");
  expect(identitiesOf(await lookAtStack(stack))).toEqual(identitiesOf(one));

  const third = await app.push(stackFile(shop("two")));
  const changed = await app.finished(third);
  expect(changed.conclusion, changed.summary ?? "").toBe("success");
  const two = await lookAtStack(stack);
  expect(only(two, "worker").env).toEqual(["VERSION=two"]);
  expect(only(two, "worker").deployment).toBe(app.records().at(-1)?.id);
  expect(identityOf(two["worker"])).not.toEqual(identityOf(one["worker"]));
  const { worker: _before, ...othersBefore } = identitiesOf(one);
  const { worker: _after, ...othersAfter } = identitiesOf(two);
  expect(othersAfter).toEqual(othersBefore);
});

test("a service is removed once the rest is proved without it, its volume stays, and another joins", async () => {
  await open("stack-parts");
  const web = quickService();
  const old = quickService({ volumes: ["things:/data"] });
  const volumes = { things: {} };
  const first = await app.finished(await app.push(stackFiles({ services: { web, old }, volumes })));
  expect(first.conclusion, first.summary ?? "").toBe("success");
  const one = await lookAtStack(stack);
  const since = Math.floor(Date.now() / 1_000);

  // It shall be proved, not only started: this one says that it is well after two seconds.
  const slow = quickService(slowlyHealthy(2));
  const second = await app.push(stackFile({ services: { web, slow }, volumes }));
  const run = await app.finished(second);
  expect(run.conclusion, run.summary ?? "").toBe("success");

  const two = await lookAtStack(stack);
  expect(Object.keys(two).toSorted()).toEqual(["slow", "web"]);
  expect(identityOf(two["web"])).toEqual(identityOf(one["web"]));
  const { Volumes } = await sharedDocker().listVolumes();
  expect(Volumes.map(({ Name }) => Name)).toContain(`${stack}_things`);
  const removedAt = await whenRemoved(`${stack}_old`, since);
  // SKEP_PROVE_SECONDS is 1, counted from the first look that found it up.
  expect(removedAt - upSince(only(two, "slow"))).toBeGreaterThanOrEqual(1_000);
});

/** When a service was removed, by the engine's events since a time in seconds. */
async function whenRemoved(name: string, since: number): Promise<number> {
  const until = Math.ceil(Date.now() / 1_000) + 1;
  const filters = JSON.stringify({ type: ["service"], event: ["remove"] });
  const stream = await sharedDocker().getEvents({ since, until, filters });
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  const line = text.split("\n").find((each) => each.includes(`"name":"${name}"`)) ?? "";
  const nanoseconds = /"timeNano":(\d+)/u.exec(line)?.[1];
  if (nanoseconds === undefined)
    throw new Error(`no event tells that ${name} was removed: ${text}`);
  return Number(BigInt(nanoseconds) / 1_000_000n);
}
