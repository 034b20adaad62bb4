import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { type Cause, expectCause, givenService, REMOVED, UNTOUCHED } from "../support/cause.ts";
import { sharedDocker } from "../support/engine.ts";
import { freePort } from "../support/free-port.ts";
import { openProduct, type Product } from "../support/product.ts";
import {
  REGISTRY_USER,
  type RegistryPassword,
  startRegistry,
  type TestRegistry,
} from "../support/registry.ts";
import { writeServerConfig } from "../support/server-config.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;
let registry: TestRegistry;
let strangers: TestRegistry;
let product: Product;

beforeAll(async () => {
  dir = await makeTempDir();
  [registry, strangers] = await Promise.all([startRegistry(), startRegistry()]);
  const password: RegistryPassword = "correct-horse";
  const auth = Buffer.from(`${REGISTRY_USER}:${password}`).toString("base64");
  const logins = join(dir.path, "config.json");
  await writeFile(logins, JSON.stringify({ auths: { [registry.address]: { auth } } }));
  product = await openProduct({ SKEP_CONCURRENCY: "6", SKEP_REGISTRY_AUTH: logins });
  await writeServerConfig(product, {
    allow: [
      {
        repositories: ["*"],
        registries: ["*", "localhost/*"],
        volume_drivers: ["local", "nowhere"],
        configs: ["causes-nowhere"],
        secrets: ["causes-nowhere"],
      },
    ],
  });
  await product.start();
});

afterAll(async () => {
  expect(product.problems()).toEqual([]);
  await product.close();
  await Promise.all([registry.stop(), strangers.stop()]);
  await dir.remove();
});

const WEB = { web: givenService() };
const EXTERNAL = { "causes-nowhere": { external: true } };

/** Each is a first deployment; where there are several services, the one that fails is named. */
const CAUSES: Readonly<Record<string, () => Cause | Promise<Cause>>> = {
  "image-unknown": () => ({
    stack: {
      services: { ...WEB, api: givenService({ image: `${registry.address}/shop/api:7` }) },
    },
    shown: {
      code: "image_not_found",
      title: /^Failed: api: the registry does not have the image/,
      cause: /shop\/api:7/,
      next: /^Check the image's name and tag, or push it to the registry/,
      now: UNTOUCHED,
    },
  }),
  "image-denied": () => ({
    stack: { services: { web: givenService({ image: `${strangers.address}/shop/api:7` }) } },
    shown: {
      code: "image_not_found",
      title: /^Failed: the registry does not let Skep have the image/,
      cause: /shop\/api:7/,
      next: /SKEP_REGISTRY_AUTH/,
      now: UNTOUCHED,
    },
  }),
  "image-away": () => ({
    stack: { services: { web: givenService({ image: "127.0.0.1:1/shop/api:7" }) } },
    shown: {
      code: "image_not_found",
      title: /^Failed: the registry of the image .* does not answer/,
      cause: /shop\/api:7/,
      evidence: /connection refused/,
      next: /^Check the registry's name, and that this engine can reach it/,
      now: UNTOUCHED,
    },
  }),
  "image-not-here": () => ({
    stack: { services: { web: givenService({ image: "localhost/nowhere/web:1" }) } },
    shown: {
      code: "image_not_found",
      title: /^Failed: /,
      cause: /localhost\/nowhere\/web:1/,
      next: /^Build or load the image on the node/,
      now: UNTOUCHED,
    },
  }),
  "no-node": () => ({
    stack: {
      services: {
        ...WEB,
        db: givenService({ deploy: { placement: { constraints: ["node.labels.disk == ssd"] } } }),
      },
    },
    shown: {
      code: "no_suitable_node",
      title: /^Failed: db: no node meets the placement constraint node\.labels\.disk ?== ?ssd/,
      cause: /^db: no node meets the placement constraint node\.labels\.disk ?== ?ssd/,
      next: /docker node update --label-add/,
      now: UNTOUCHED,
    },
  }),
  "too-much-reserved": () => ({
    stack: {
      services: {
        ...WEB,
        db: givenService({ deploy: { resources: { reservations: { memory: "900G" } } } }),
      },
    },
    shown: {
      code: "no_suitable_node",
      title: /^Failed: db: the task reserves 900 GiB of memory, more than any node has/,
      cause: /^db: the task reserves 900 GiB of memory, more than any node has/,
      next: /^Lower deploy\.resources\.reservations/,
      now: UNTOUCHED,
    },
  }),
  // Each alone has room, so that only Swarm's scheduler finds out.
  "too-much-together": async () => {
    const { NCPU } = await sharedDocker().info();
    const cpus = String(NCPU * 0.6);
    const deploy = { resources: { reservations: { cpus } } };
    return {
      stack: {
        services: {
          first: givenService({ deploy }),
          second: givenService({ deploy, depends_on: ["first"] }),
        },
      },
      shown: {
        code: "no_suitable_node",
        title: new RegExp(`^Failed: second: no node has the reserved ${cpus} CPU free`),
        cause: new RegExp(`^second: no node has the reserved ${cpus} CPU free`),
        next: /^Lower deploy\.resources\.reservations/,
        now: REMOVED,
      },
    };
  },
  "too-many": () => ({
    stack: {
      services: {
        ...WEB,
        api: givenService({ deploy: { replicas: 3, placement: { max_replicas_per_node: 2 } } }),
      },
    },
    shown: {
      code: "no_suitable_node",
      title: /^Failed: api: 3 replicas do not fit on 1 node/,
      cause: /^api: 3 replicas do not fit on 1 node/,
      next: /^Lower the replicas, raise/,
      now: UNTOUCHED,
    },
  }),
  "no-config": () => ({
    stack: {
      services: { web: givenService({ configs: ["causes-nowhere"] }) },
      configs: EXTERNAL,
    },
    shown: {
      code: "file_not_found",
      title: /^Failed: the Swarm has no config causes-nowhere$/,
      cause: /^the Swarm has no config causes-nowhere/,
      next: /docker config create/,
      now: UNTOUCHED,
    },
  }),
  "no-secret": () => ({
    stack: {
      services: { web: givenService({ secrets: ["causes-nowhere"] }) },
      secrets: EXTERNAL,
    },
    shown: {
      code: "file_not_found",
      title: /^Failed: the Swarm has no secret causes-nowhere$/,
      cause: /^the Swarm has no secret causes-nowhere/,
      next: /docker secret create/,
      now: UNTOUCHED,
    },
  }),
  "no-driver": () => ({
    stack: {
      services: { ...WEB, db: givenService({ volumes: ["data:/data"] }) },
      volumes: { data: { driver: "nowhere" } },
    },
    shown: {
      code: "no_suitable_node",
      title: /^Failed: db: no node has the plugin.*volume driver nowhere/,
      cause: /^db: no node has the plugin.*volume driver nowhere/,
      next: /^Install the volume, network or log driver/,
      now: REMOVED,
    },
  }),
};

test.concurrent.for(Object.entries(CAUSES))("%s", async ([name, cause]) => {
  await expectCause(product, name, await cause());
});

/** Ways in which a port of the node is held by what Swarm does not know. */
const HOLDERS = [
  {
    name: "port-program",
    what: "a program",
    config: (port: number) => ({
      Cmd: ["httpd", "-f", "-p", String(port)],
      HostConfig: { NetworkMode: "host" },
    }),
    cause: (port: number) => new RegExp(`^api: host port ${port} is taken by a program`),
    next: (port: number) => new RegExp(`^Publish another port, or stop.*sport = :${port}`),
  },
  {
    name: "port-container",
    what: "a container",
    config: (port: number) => ({
      Cmd: ["sleep", "1000000"],
      ExposedPorts: { "80/tcp": {} },
      HostConfig: { Init: true, PortBindings: { "80/tcp": [{ HostPort: String(port) }] } },
    }),
    cause: (port: number) => new RegExp(`^api: host port ${port} is taken by another container`),
    next: () => /^Publish another port, or stop the container.*docker ps/,
  },
] as const;

test.concurrent.for(HOLDERS)(
  "a host port that $what outside of Swarm holds is named",
  async ({ name, config, cause, next }) => {
    const port = await freePort();
    const holder = await sharedDocker().createContainer({ Image: BUSYBOX_IMAGE, ...config(port) });
    await holder.start();
    const ports = [{ target: 8080, published: port, mode: "host" }];
    try {
      await expectCause(product, name, {
        stack: { services: { ...WEB, api: givenService({ ports }) } },
        shown: {
          code: "port_in_use",
          title: new RegExp(`^Failed: api: host port ${port} is taken`),
          cause: cause(port),
          next: next(port),
          now: REMOVED,
        },
      });
    } finally {
      await holder.remove({ force: true });
    }
  },
);
