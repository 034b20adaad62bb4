import { afterAll, beforeAll, expect, test } from "vitest";
import type Docker from "dockerode";
import { NODE_IMAGE } from "../../sandbox/image/base-image.ts";
import { type Proxy, startProxy } from "../../sandbox/image/proxy.ts";
import { removeServices, sharedDocker, sharedEngine } from "../support/engine.ts";
import { waitUntil } from "../support/wait-until.ts";

const PREFIX = "proxied_";
const NETWORK = "proxied";
let proxy: Proxy;

beforeAll(async () => {
  const routes = { shop: `${PREFIX}web:3000` };
  proxy = await startProxy(sharedEngine(), { network: NETWORK, targetPort: 3000, routes });
});

afterAll(async () => {
  await removeServices(PREFIX);
  await proxy.close();
});

/** A service of two tasks on port 3000 that answer with their version and the path asked for. */
function web(name: string, version: string): Docker.CreateServiceOptions {
  const program = `
    const { createServer } = require("node:http");
    const server = createServer((q, r) => r.end("${version} " + q.method + " " + q.url));
    server.on("upgrade", (q, s) => s.end("HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n${version}"));
    server.listen(3000);`;
  return {
    Name: `${PREFIX}${name}`,
    TaskTemplate: {
      ContainerSpec: {
        Image: NODE_IMAGE,
        Command: ["node", "-e", program],
        StopGracePeriod: 1_000_000_000,
      },
      Networks: [{ Target: NETWORK }],
    },
    Mode: { Replicated: { Replicas: 2 } },
    UpdateConfig: { Parallelism: 1, Order: "start-first", Monitor: 500_000_000 },
    EndpointSpec: { Mode: "dnsrr" },
  };
}

test("a rolling start-first update through the proxy fails no request", async () => {
  const docker = sharedDocker();
  const created = await docker.createService(web("web", "v1"));
  await waitUntil("v1 answers", async () => (await proxy.get("shop")).status === 200);

  const seen = new Map<string, number>();
  let isLoaded = true;
  const load = async (): Promise<void> => {
    while (isLoaded) {
      const answer = await proxy.get("shop", "/x").then(
        ({ status, text }) => `${status} ${text}`,
        (error: unknown) => String(error),
      );
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
    }
  };
  const loads = [load(), load(), load(), load()];
  const service = docker.getService(created.id);
  const { Version }: { Version: { Index: number } } = await service.inspect();
  await service.update({ version: Version.Index, ...web("web", "v2") });
  await waitUntil("the update is over", async () => {
    const now: { UpdateStatus?: { State: string } } = await service.inspect();
    return now.UpdateStatus?.State === "completed";
  });
  await waitUntil("the old tasks are gone", async () => {
    const containers = await docker.listContainers({ filters: { name: [`${PREFIX}web`] } });
    return containers.length === 2;
  });
  isLoaded = false;
  await Promise.all(loads);

  expect([...seen.keys()].toSorted()).toEqual(["200 v1 GET /x", "200 v2 GET /x"]);
  expect(seen.get("200 v2 GET /x")).toBeGreaterThan(20);
});

test("the host name says the service and, if need be, the port", async () => {
  await sharedDocker().createService(web("named", "v1"));
  const app = `${PREFIX}named`;
  await waitUntil("it answers", async () => (await proxy.get(app)).status === 200);
  expect(await proxy.get(`${app}.3000`, "/a?b=c")).toEqual({ status: 200, text: "v1 GET /a?b=c" });
  const refused = await proxy.get(`${app}.99`);
  expect(refused.status).toBe(502);
  expect(refused.text).toMatch(/its 2 tasks refuse connections on port 99: let it listen there/u);
  expect(proxy.url(app)).toBe(`http://${app}.localhost:${proxy.port}/`);
});

test("a service that does not run and a name that is none are told apart", async () => {
  const absent = await proxy.get("nothing-here");
  expect(absent.status).toBe(503);
  expect(absent.text).toMatch(/no task of service nothing-here runs/u);
  const bare = await fetch(`http://127.0.0.1:${proxy.port}/`);
  expect(bare.status).toBe(404);
  expect(await bare.text()).toMatch(/no app named: open http:\/\/<app>\.localhost\//u);
});
