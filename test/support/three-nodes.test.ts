import { once } from "node:events";
import { createServer } from "node:http";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { openThreeNodes, type ThreeNodes } from "./three-nodes.ts";
import { waitUntil } from "./wait-until.ts";

const PORT = 8080;
let swarm: ThreeNodes;
let docker: Docker;

beforeAll(async () => {
  swarm = await openThreeNodes();
  docker = new Docker({ socketPath: swarm.socketPath });
});

afterAll(() => swarm.close());

interface Task {
  readonly ID: string;
  readonly NodeID: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
  readonly NetworksAttachments?: readonly { readonly Addresses?: readonly string[] }[];
}

/** Tasks that run and shall go on. */
async function running(service: string): Promise<readonly Task[]> {
  const tasks: readonly Task[] = await docker.listTasks({ filters: { service: [service] } });
  return tasks.filter(
    ({ DesiredState, Status }) => DesiredState === "running" && Status.State === "running",
  );
}

function hostnameOf(nodeId: string): string {
  return swarm.nodes.find(({ id }) => id === nodeId)?.hostname ?? "";
}

async function untilOn(service: string, hostnames: readonly string[]): Promise<void> {
  await waitUntil(`${service} runs on ${hostnames.join(", ")}`, async () => {
    const names = (await running(service)).map(({ NodeID }) => hostnameOf(NodeID));
    return names.length === hostnames.length && hostnames.every((name) => names.includes(name));
  });
}

it("has a manager and two workers of different names", async () => {
  const nodes = await docker.listNodes();
  expect(
    nodes.map(({ Description, Spec, Status }) => [
      Description?.Hostname,
      Spec?.Role,
      Status?.State,
    ]),
  ).toEqual(
    expect.arrayContaining([
      ["node-1", "manager", "ready"],
      ["node-2", "worker", "ready"],
      ["node-3", "worker", "ready"],
    ]),
  );
  expect(new Set(nodes.map(({ ID }) => ID))).toEqual(new Set(swarm.nodes.map(({ id }) => id)));
});

describe("a service of three tasks", () => {
  beforeAll(async () => {
    await docker.createNetwork({ Name: "inside", Driver: "overlay" });
    const script = "mkdir /www; hostname > /www/index.html; exec httpd -f -p 80 -h /www";
    await docker.createService({
      Name: "web",
      TaskTemplate: {
        ContainerSpec: {
          Image: BUSYBOX_IMAGE,
          Command: ["sh", "-c", script],
          Hostname: "{{.Node.Hostname}}",
          Init: true,
        },
        Networks: [{ Target: "inside" }],
      },
      Mode: { Replicated: { Replicas: 3 } },
      EndpointSpec: {
        Mode: "dnsrr",
        Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: PORT, PublishMode: "host" }],
      },
    });
    await untilOn("web", ["node-1", "node-2", "node-3"]);
  });

  it("is reached on each node's own address", async () => {
    for (const { address, hostname } of swarm.nodes) {
      const answer = await fetch(`http://${address}:${PORT}/`);
      expect(await answer.text()).toBe(`${hostname}\n`);
    }
  });

  it("has tasks that reach one another across nodes", async () => {
    const tasks = await running("web");
    const [own] = await swarm.nodes[0].docker.listContainers();
    expect(tasks.length).toBe(3);
    for (const { NodeID, NetworksAttachments } of tasks) {
      const [address = ""] = NetworksAttachments?.[0]?.Addresses ?? [];
      const exec = await swarm.nodes[0].docker.getContainer(own?.Id ?? "").exec({
        Cmd: ["wget", "-q", "-O", "-", `http://${address.replace(/\/\d+$/u, "")}/`],
        AttachStdout: true,
        Tty: true,
      });
      const stream = await exec.start({ Tty: true });
      let text = "";
      for await (const chunk of stream) text += String(chunk);
      expect(text.trim()).toBe(hostnameOf(NodeID));
    }
  });

  it("loses a node, and gets it back", async () => {
    // The port is taken on the other nodes, so the lost task has no place until the node is back.
    await swarm.nodes[2].kill();
    await expect(swarm.nodes[2].docker.ping()).rejects.toThrow(/ENOENT|ECONNREFUSED/u);
    await expect(fetch(`http://${swarm.nodes[2].address}:${PORT}/`)).rejects.toThrow();
    await untilOn("web", ["node-1", "node-2"]);
    await swarm.nodes[2].restart();
    await untilOn("web", ["node-1", "node-2", "node-3"]);
    const answer = await fetch(`http://${swarm.nodes[2].address}:${PORT}/`);
    expect(await answer.text()).toBe("node-3\n");
  });
});

describe("a service that may run anywhere", () => {
  beforeAll(async () => {
    await docker.createService({
      Name: "sleeper",
      TaskTemplate: {
        ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000"], Init: true },
      },
      Mode: { Replicated: { Replicas: 3 } },
    });
    await untilOn("sleeper", ["node-1", "node-2", "node-3"]);
  });

  it("moves away from a node whose link is cut, whose own tasks go on meanwhile", async () => {
    const [, node] = swarm.nodes;
    const sleeping = async (): Promise<number> =>
      (await node.docker.listContainers({ filters: { name: ["sleeper"] } })).length;
    await node.partition();
    await waitUntil("no task is wanted there", async () =>
      (await running("sleeper")).every(({ NodeID }) => NodeID !== node.id),
    );
    await waitUntil("three run elsewhere", async () => (await running("sleeper")).length === 3);
    expect(await sleeping()).toBe(1);
    await node.heal();
    await waitUntil("its old task is ended", async () => (await sleeping()) === 0);
  });
});

it("has nodes that ask a registry of this machine without TLS", async () => {
  const asked: string[] = [];
  const registry = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }];
    response.writeHead(404).end(JSON.stringify({ errors }));
  });
  registry.listen(0, swarm.address);
  await once(registry, "listening");
  const place = registry.address();
  const port = place !== null && typeof place === "object" ? place.port : 0;
  try {
    for (const node of swarm.nodes) {
      const image = `${swarm.address}:${port}/${node.hostname}:1`;
      await expect(node.docker.pull(image)).rejects.toThrow("manifest unknown");
    }
    expect(asked).toEqual(
      expect.arrayContaining(
        swarm.nodes.map(({ hostname }) => expect.stringMatching(`/v2/${hostname}/manifests/1$`)),
      ),
    );
  } finally {
    registry.close();
  }
});
