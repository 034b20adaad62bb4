import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { sharedDocker } from "../support/engine.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { quickService, stackFile, stackFiles } from "../support/stack-files.ts";
import { identitiesOf, lookAtStack, removeStack } from "../support/stack-look.ts";

const NOTHING_CHANGED = /^nothing was changed on the Swarm\.$/;

let product: Product;
let app: App;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  await removeStack(`${app.name}-production`);
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

/** All that the stack of the app left on the Swarm. */
async function leftOnSwarm() {
  const engine = sharedDocker();
  const filters = { label: [`com.docker.stack.namespace=${app.name}-production`] };
  const [services, configs, networks] = await Promise.all([
    engine.listServices({ filters }),
    engine.listConfigs({ filters }),
    engine.listNetworks({ filters }),
  ]);
  return [services, configs, networks].map(({ length }) => length);
}
const NOTHING = [0, 0, 0];

test("a published port of another stack's service is named before anything is touched", async () => {
  const port = 18_443;
  const engine = sharedDocker();
  const holder = await engine.createService({
    Name: "preholder_gate",
    Labels: { "com.docker.stack.namespace": "preholder" },
    TaskTemplate: { ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000000"] } },
    Mode: { Replicated: { Replicas: 0 } },
    EndpointSpec: { Ports: [{ TargetPort: 8080, PublishedPort: port }] },
  });
  app = await product.app("pre-port", "pre-port");
  const first = {
    services: { web: quickService(), other: quickService() },
    configs: { page: { file: "page.txt" } },
  };
  const good = await app.finished(await app.push(stackFiles(first, { "deploy/page.txt": "one" })));
  expect(good.conclusion, good.summary ?? "").toBe("success");
  const before = await lookAtStack("pre-port-production");
  // A port of a host cannot be published beside one of all nodes.
  const ports = [{ target: 8080, published: port, mode: "host" }];
  const services = {
    web: quickService({ ports }),
    other: quickService({ environment: { A: "b" } }),
  };

  const run = await app.finished(await app.push(stackFile({ ...first, services })));
  await engine.getService(holder.id).remove();

  expectShownFailure(run, {
    code: "port_in_use",
    title: /^Failed: web: port 18443\/tcp is published by the service preholder_gate of/,
    cause:
      /^web: port 18443\/tcp is published by the service preholder_gate of the stack preholder/,
    next: /^Publish another port, or remove it from that service\.$/,
    now: /^nothing was changed on the Swarm; the previous version, \w{7} \(#1\), goes on\.$/,
  });
  expect(identitiesOf(await lookAtStack("pre-port-production"))).toEqual(identitiesOf(before));
});

test("an external network that is missing is named, with how to make it", async () => {
  app = await product.app("pre-network", "pre-network");
  const sha = await app.push(
    stackFiles({
      services: { web: quickService({ networks: ["edge"] }) },
      networks: { edge: { external: true, name: "pre-edge" } },
    }),
  );
  expectShownFailure(await app.finished(sha), {
    code: "network_not_found",
    title: /^Failed: the Swarm has no network pre-edge$/,
    cause: /^the Swarm has no network pre-edge/,
    next: /docker network create --driver overlay --attachable pre-edge/,
    now: NOTHING_CHANGED,
  });
  expect(await leftOnSwarm()).toEqual(NOTHING);
});

test("a subnet that overlaps another network's is refused with both", async () => {
  const engine = sharedDocker();
  const taken = await engine.createNetwork({
    Name: "pre-taken",
    Driver: "overlay",
    IPAM: { Driver: "default", Config: [{ Subnet: "10.77.0.0/16" }] },
  });
  app = await product.app("pre-subnet", "pre-subnet");
  const sha = await app.push(
    stackFiles({
      services: { web: quickService({ networks: ["inside"] }) },
      networks: { inside: { ipam: { config: [{ subnet: "10.77.3.0/24" }] } } },
    }),
  );
  const run = await app.finished(sha);
  await engine.getNetwork(taken.id).remove();
  expectShownFailure(run, {
    code: "subnet_in_use",
    title:
      /^Failed: the subnet 10\.77\.3\.0\/24 overlaps 10\.77\.0\.0\/16 of the network pre-taken$/,
    cause: /^the subnet 10\.77\.3\.0\/24 overlaps/,
    next: /^Choose another subnet, or leave it to Docker\.$/,
    now: NOTHING_CHANGED,
  });
  expect(await leftOnSwarm()).toEqual(NOTHING);
});

test("a secret of more than 500 kB is refused on its line", async () => {
  app = await product.app("pre-secret", "pre-secret");
  const text = `services:
  web:
    build: ../app
    secrets: [token, fits]
secrets:
  fits:
    file: fits.bin
  token:
    file: token.bin
`;
  const sha = await app.push(
    stackFiles(
      {},
      {
        "deploy/stack.yml": text,
        "deploy/fits.bin": "x".repeat(500_000),
        "deploy/token.bin": "x".repeat(500_001),
      },
    ),
  );
  const run = await app.finished(sha);
  expect(run.conclusion).toBe("failure");
  expect(run.title).toMatch(/^Failed: deploy\/stack\.yml at \w{7} has a problem$/);
  expect(run.annotations).toMatchObject([
    { path: "deploy/stack.yml", start_line: 9, message: expect.stringMatching(/500.?000/) },
  ]);
  expect(await leftOnSwarm()).toEqual(NOTHING);
});
