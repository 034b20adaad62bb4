import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import { quickService, stackFile, stackFiles } from "../support/stack-files.ts";
import { sharedDocker } from "../support/engine.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { waitUntil } from "../support/wait-until.ts";
import {
  identitiesOf,
  identityOf,
  lookAtStack,
  removeStack,
  type SeenService,
} from "../support/stack-look.ts";

let product: Product;
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

const KEYS = ["one", "two", "three", "four", "five"] as const;
/** Ends before its first health check, so that it never counts as running. */
const BREAKS = {
  command: ["sh", "-c", "echo 'no database' >&2; exit 3"],
  healthcheck: { test: ["CMD", "true"], interval: "10s", timeout: "5s", retries: 3 },
};

/** Five services, each of which waits for the one before it. */
function chain(version: string, about: { readonly broken?: string; readonly deploy?: object }) {
  const services = KEYS.map((key, index) => [
    key,
    quickService({
      environment: { VERSION: version },
      depends_on: KEYS.slice(0, index).slice(-1),
      deploy: { ...about.deploy },
      ...(key === about.broken && BREAKS),
    }),
  ]);
  return { services: Object.fromEntries(services) };
}

/** What the tasks that shall run were started with, by service. */
function running(services: Readonly<Record<string, SeenService>>) {
  return Object.fromEntries(
    Object.entries(services).map(([key, { tasks }]) => [
      key,
      tasks.filter(({ isWanted }) => isWanted).map(({ env, state }) => `${state} ${env.join()}`),
    ]),
  );
}

test.each([
  ["Skep", "stack-back-skep", { update_config: { monitor: "500ms", failure_action: "pause" } }],
  ["Swarm and Skep", "stack-back-swarm", {}],
])(
  "when the third of five services fails, the old version of all is brought back by %s",
  async (_, name, deploy) => {
    const app = await product.app(name, name);
    stack = `${name}-production`;
    const first = await app.push(stackFiles(chain("old", { deploy })));
    const started = await app.finished(first);
    expect(started.conclusion, started.summary ?? "").toBe("success");
    const before = await lookAtStack(stack);

    // Beside it one service goes and another comes, neither of which may be seen in the end.
    const { services } = chain("new", { broken: "three", deploy });
    const { five: _gone, ...rest } = services;
    const second = await app.push(
      stackFile({ services: { ...rest, six: quickService({ depends_on: ["one"] }) } }),
    );
    const run = await app.finished(second);

    expectShownFailure(run, {
      code: "task_exited",
      title: /^Rolled back: three: the process ended with an error \(exit code 3\)/,
      cause: /three.*the process ended with an error \(exit code 3\)/,
      next: /^Read its last lines/,
      now: /^the previous version, \w{7} \(#1\), runs again\.$/,
      evidence: /no database/,
    });
    await app.untilState(second, "failure");
    expect(app.deployments(second)).toHaveLength(1);
    const after = await lookAtStack(stack);
    expect(running(after)).toEqual(
      Object.fromEntries(KEYS.map((key) => [key, ["running VERSION=old"]])),
    );
    // These two were changed and changed back; the others never.
    const [old, failed] = app.records().map(({ id }) => id);
    for (const key of ["one", "two", "three"]) {
      expect(after[key]).toMatchObject({ id: before[key]?.id, deployment: old });
      expect(after[key]?.version).toBeGreaterThan(before[key]?.version ?? Infinity);
      if (key !== "three") expect(after[key]?.previousDeployment).toBe(failed);
    }
    for (const key of ["four", "five"]) {
      expect(identityOf(after[key])).toEqual(identityOf(before[key]));
    }

    // What is desired is the old version still, so that the next push is held against it.
    const third = await app.push(stackFile(chain("old", { deploy })));
    expect((await app.finished(third)).conclusion).toBe("success");
    expect(identitiesOf(await lookAtStack(stack))).toEqual(identitiesOf(after));
  },
);

test("a first version of which one service fails leaves nothing running, and says so", async () => {
  const name = "stack-first";
  const app = await product.app(name, name);
  stack = `${name}-production`;
  const sha = await app.push(stackFiles(chain("new", { broken: "three" })));
  const run = await app.finished(sha);
  expectShownFailure(run, {
    code: "task_exited",
    title: /^Failed: three: the process ended with an error \(exit code 3\)$/,
    cause: /three.*the process ended with an error \(exit code 3\)/,
    next: /^Read its last lines/,
    now: /^nothing runs: no version ran here before, and .* removed again\.$/,
    evidence: /no database/,
  });
  expect(await lookAtStack(stack)).toEqual({});
  const filters = { label: [`com.docker.stack.namespace=${stack}`], status: ["running"] };
  await waitUntil("no container of it runs", async () => {
    return (await sharedDocker().listContainers({ filters })).length === 0;
  });
  await app.untilState(sha, "failure");
});
