import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { createDockerCli, type DockerCli, writeCheckout } from "../support/docker-cli.ts";
import { removeServices, sharedDocker } from "../support/engine.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App, Files } from "../support/product-app.ts";
import { writeServerConfig } from "../support/server-config.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { identitiesOf, identityOf, lookAtStack, removeStack } from "../support/stack-look.ts";
import { waitUntil } from "../support/wait-until.ts";

const STACK = "adopt-production";
const FILE = "deploy/stack.yml";
/** The engine has it, and its registry is away: `docker stack deploy` leaves the tag as it is then. */
const IMAGE = "127.0.0.1:1/team/busybox:1";

let product: Product;
let app: App;
let docker: DockerCli;

beforeAll(async () => {
  product = await openProduct();
  docker = createDockerCli(join(product.dir, "docker"));
  await product.start();
  await docker("tag", BUSYBOX_IMAGE, IMAGE);
});

afterEach(() => expect(product.problems()).toEqual([]));

afterAll(async () => {
  await docker("stack", "rm", STACK);
  await removeServices(STACK);
  await docker("volume", "rm", `${STACK}_data`);
  await docker("rmi", IMAGE);
  await product.close();
});

/**
 * `page` leaves open how it is updated; `keeper` says all that Skep would say for it. The secret is mounted often
 * because the command sends such references in random order.
 */
const STACK_FILE = `version: "3.8"
services:
  page:
    image: ${IMAGE}
    command: httpd -f -p 8080 -h /www
    init: true
    stop_grace_period: 1s
    configs: [{ source: page, target: /www/index.html }]
    secrets: &secrets
      - { source: token, target: b }
      - { source: token, target: d }
      - { source: token, target: a }
      - { source: token, target: c }
    networks: [inside]
    deploy: { endpoint_mode: dnsrr, update_config: { monitor: 500ms } }
  keeper:
    image: ${IMAGE}
    command: ["sleep", "1000000"]
    init: true
    stop_grace_period: 1s
    environment: { MODE: plain, LEVEL: info }
    secrets: *secrets
    volumes: ["data:/data"]
    networks: [inside]
    deploy:
      endpoint_mode: dnsrr
      update_config:
        { parallelism: 1, order: stop-first, failure_action: rollback, monitor: 5s }
      rollback_config:
        { parallelism: 0, order: stop-first, failure_action: pause, monitor: 5s }
networks: { inside: {} }
volumes: { data: {} }
configs: { page: { file: page.html } }
secrets: { token: { file: token.txt } }
`;

const FILES: Files = {
  [FILE]: STACK_FILE,
  "deploy/page.html": "one\n",
  "deploy/token.txt": "correct horse\n",
};

interface StackObjects {
  readonly services: readonly string[];
  readonly configs: readonly string[];
  readonly secrets: readonly string[];
  readonly networks: readonly string[];
}

/** The names of all that belongs to the stack by its label, sorted. */
async function objects(): Promise<StackObjects> {
  const engine = sharedDocker();
  const filters = { label: [`com.docker.stack.namespace=${STACK}`] };
  const [services, configs, secrets, networks] = await Promise.all([
    engine.listServices({ filters }),
    engine.listConfigs({ filters }),
    engine.listSecrets({ filters: JSON.stringify(filters) }),
    engine.listNetworks({ filters }),
  ]);
  const names = (
    all: readonly { readonly Spec?: { readonly Name?: string | undefined } | undefined }[],
  ) => all.map(({ Spec }) => Spec?.Name ?? "").toSorted();
  return {
    services: names(services),
    configs: names(configs),
    secrets: names(secrets),
    networks: networks.map(({ Name }) => Name).toSorted(),
  };
}

const NOTHING: StackObjects = { services: [], configs: [], secrets: [], networks: [] };

async function untilGone(): Promise<void> {
  await waitUntil(`nothing of ${STACK} is left`, async () => {
    const left = await objects();
    return JSON.stringify(left) === JSON.stringify(NOTHING);
  });
}

async function untilRunning(stack: string, count: number): Promise<void> {
  await waitUntil(`${count} services of ${stack} run`, async () => {
    const services = Object.values(await lookAtStack(stack));
    const running = services.filter(({ tasks }) => tasks.some(({ state }) => state === "running"));
    return running.length === count;
  });
}

/** The tasks that shall run, by service. */
async function tasks(): Promise<Readonly<Record<string, readonly string[]>>> {
  const services = Object.entries(await lookAtStack(STACK));
  return Object.fromEntries(
    services.map(([key, service]) => [
      key,
      service.tasks.filter(({ isWanted }) => isWanted).map(({ id }) => id),
    ]),
  );
}

test("a stack of `docker stack deploy` is taken over without a restart, once the operator says whose it is", async () => {
  const checkout = join(product.dir, "checkout");
  await writeCheckout(checkout, FILES);
  await docker("stack", "deploy", "--compose-file", join(checkout, FILE), STACK);
  await untilRunning(STACK, 2);
  const before = await lookAtStack(STACK);
  const own = await objects();
  app = await product.app("adopt", "adopt");

  const first = await app.push({ ...FILES, ".github/skep.yml": `stack: [${FILE}]\n` });
  const refused = await app.finished(first);

  expectShownFailure(refused, {
    code: "stack_not_owned",
    title: /^Failed: the stack adopt-production runs already and belongs to nobody that Skep knows/,
    cause: /^the stack adopt-production runs already/,
    next: /`stack_name`, or ask the operator to bind `adopt-production` to this environment under `stacks` in skep\.server\.yml/,
    now: /^nothing was changed on the Swarm\.$/,
  });
  expect(identitiesOf(await lookAtStack(STACK))).toEqual(identitiesOf(before));
  expect(await objects()).toEqual(own);

  await product.stop();
  const binding = { repository: "adopt/adopt", app: "adopt", environment: "production" };
  await writeServerConfig(product, { stacks: { [STACK]: binding } });
  await product.start();
  app.press(refused);
  const adopted = await app.finished(first, { count: 2 });

  expect(adopted.conclusion, adopted.summary ?? "").toBe("success");
  const plan = adopted.text ?? "";
  expect(plan).toMatch(/\*\*update\*\* `service adopt-production_page`: [^(]*$/m);
  expect(plan).toMatch(/update_config\.order: stop-first → start-first/);
  expect(plan).toMatch(/1 service, 1 network unchanged/);
  expect(plan).toMatch(/⚠ `secret adopt-production_token`: .*cannot be read/);
  const after = await lookAtStack(STACK);
  expect(await tasks()).toEqual(
    Object.fromEntries(
      Object.entries(before).map(([key, service]) => [key, service.tasks.map(({ id }) => id)]),
    ),
  );
  expect(identityOf(after["keeper"])).toEqual(identityOf(before["keeper"]));
  expect(await objects()).toEqual({ ...own, configs: [...own.configs, `${STACK}_release`] });
  expect(await docker("stack", "ls", "--format", "{{.Name}} {{.Services}}")).toContain(
    `${STACK} 2`,
  );
  const shown = await docker("stack", "ps", STACK, "--no-trunc", "--format", "{{.ID}}");
  expect(shown.split("\n").toSorted()).toEqual(
    Object.values(await tasks())
      .flat()
      .toSorted(),
  );
});

test("after that, a push touches what it changes and nothing else", async () => {
  const before = await lookAtStack(STACK);
  const own = await objects();

  const unchanged = await app.finished(await app.push({ "README.md": "words\n" }));

  expect(unchanged.conclusion).toBe("success");
  expect(unchanged.text).toMatch(
    /Nothing to change; 2 services, 1 network, 1 config, 1 secret unchanged/,
  );
  expect(identitiesOf(await lookAtStack(STACK))).toEqual(identitiesOf(before));

  const changed = await app.finished(await app.push({ "deploy/page.html": "two\n" }));

  expect(changed.conclusion).toBe("success");
  const after = await lookAtStack(STACK);
  expect(identityOf(after["keeper"])).toEqual(identityOf(before["keeper"]));
  expect(after["page"]?.configs).toEqual([
    expect.stringMatching(/^adopt-production_page_[0-9a-f]{12}$/),
  ]);
  expect(after["page"]?.version).toBeGreaterThan(before["page"]?.version ?? Infinity);
  const [now] = (await tasks())["page"] ?? [];
  expect(before["page"]?.tasks.map(({ id }) => id)).not.toContain(now);
  expect(await objects()).toEqual({
    ...own,
    configs: [...own.configs, ...(after["page"]?.configs ?? [])].toSorted(),
  });
});

test("`docker stack rm` removes all that Skep made", async () => {
  expect((await objects()).configs).toHaveLength(3);
  await docker("stack", "rm", STACK);
  await untilGone();
});

test("a stack that is taken over with a version that fails gets back what ran before", async () => {
  const stack = "adopt-broken";
  const file = (command: string): Files => ({
    "stack.yml": `version: "3.8"
services:
  web:
    image: ${IMAGE}
    command: ${command}
    init: true
    stop_grace_period: 1s
    environment: { FROM: cli }
    deploy: { endpoint_mode: dnsrr, update_config: { monitor: 500ms } }
`,
  });
  const checkout = join(product.dir, "broken");
  await writeCheckout(checkout, file("sleep 1000000"));
  await docker("stack", "deploy", "--compose-file", join(checkout, "stack.yml"), stack);
  await untilRunning(stack, 1);
  const before = await specOf(`${stack}_web`);
  const binding = { repository: "broken/broken", app: "broken", environment: "production" };
  await product.stop();
  await writeServerConfig(product, { stacks: { [stack]: binding } });
  await product.start();
  app = await product.app("broken", "broken");
  const config = `stack: stack.yml\nenvironments: { production: { stack_name: ${stack} } }\n`;

  const failed = await app.finished(
    await app.push({ ...file("sh -c 'exit 3'"), ".github/skep.yml": config }),
  );

  expectShownFailure(failed, {
    code: "task_exited",
    title: /^Rolled back: the process ended with an error \(exit code 3\)/,
    cause: /^the process ended with an error \(exit code 3\)/,
    next: /./,
    now: /^the previous version runs again\.$/,
  });
  expect(await specOf(`${stack}_web`)).toEqual(before);
  await untilRunning(stack, 1);

  const mended = await app.finished(await app.push(file("sleep 2000000")));
  expect(mended.conclusion, mended.summary ?? "").toBe("success");
  await removeStack(stack);
});

/** A service's spec, but for the count of forced restarts. */
async function specOf(name: string): Promise<unknown> {
  const { Spec } = await sharedDocker().getService(name).inspect();
  const { ForceUpdate: _, ...TaskTemplate } = Spec.TaskTemplate;
  return { ...Spec, TaskTemplate };
}
