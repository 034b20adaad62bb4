import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/clock.ts";
import { createDockerClient } from "../../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../../src/deployer/docker/dockerode-swarm.ts";
import type { Swarm } from "../../../src/deployer/ports.ts";
import type { NetworkSpec, ServiceSpec } from "../../../src/swarm-objects.ts";
import { codeOf } from "../../contracts/swarm-under-test.ts";
import {
  startStubEngine,
  type StubAnswer,
  type StubCall,
  type StubEngine,
} from "../../support/stub-engine.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

const STACK = "com.docker.stack.namespace";
const AT = "2026-01-05T12:00:00.000000000Z";
const SPEC: ServiceSpec = {
  Name: "web",
  Labels: { [STACK]: "shop" },
  TaskTemplate: {
    ContainerSpec: {
      Image: "registry.example.com/web:1",
      Labels: {},
      Privileges: { CredentialSpec: null, SELinuxContext: null },
    },
    Resources: {},
    Placement: {},
    ForceUpdate: 0,
  },
  Mode: { Replicated: { Replicas: 1 } },
  EndpointSpec: {},
};
const NETWORK: NetworkSpec = {
  Name: "shop_default",
  Driver: "overlay",
  Labels: { [STACK]: "shop" },
  Options: null,
  Internal: false,
  Attachable: false,
  IPAM: null,
};

/** Time that passes only by sleeping. */
function createPatientClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms) => void (now += ms),
    deadline: () => new AbortController().signal,
  };
}

describe("calls of a Swarm, against an engine's rarer answers", () => {
  let dir: TempDir;
  let engine: StubEngine;
  let clock: Clock;
  let swarm: Swarm;
  let answer: (call: StubCall) => StubAnswer | undefined;
  beforeEach(async () => {
    answer = () => undefined;
    dir = await makeTempDir();
    engine = await startStubEngine(dir.path, (call) => answer(call));
    clock = createPatientClock();
    swarm = createDockerodeSwarm(createDockerClient(engine.host, clock));
  });
  afterEach(async () => {
    await engine.close();
    await dir.remove();
  });

  const writes = (): readonly StubCall[] => engine.calls.filter(({ method }) => method !== "GET");
  const ok = (body: unknown): StubAnswer => ({ status: 200, body });
  const refuse = (status: number, message: string): StubAnswer => ({ status, body: { message } });

  it("sends the login for the image with each write of a service, and none where there is none", async () => {
    const asked: string[] = [];
    const logins = [null, "bG9naW4="];
    const registryAuth = (image: string): string | null => {
      asked.push(image);
      return logins.pop() ?? null;
    };
    swarm = createDockerodeSwarm(createDockerClient(engine.host, clock), { registryAuth });
    answer = ({ path }) => (path === "/version" ? undefined : ok({ ID: "id1" }));
    await swarm.createService(SPEC);
    await swarm.updateService({ id: "id1", version: 7 }, SPEC);
    const [create, update] = writes();
    expect(create?.headers["x-registry-auth"]).toBe("bG9naW4=");
    expect(update?.headers).not.toHaveProperty("x-registry-auth");
    expect(asked).toEqual(Array(2).fill("registry.example.com/web:1"));
  });

  it("tells of a config that went away between the look-up and the write", async () => {
    const { ContainerSpec } = SPEC.TaskTemplate;
    const File = { Name: "/a", UID: "0", GID: "0", Mode: 292 };
    const Configs = [{ ConfigName: "conf", File }];
    const TaskTemplate = { ...SPEC.TaskTemplate, ContainerSpec: { ...ContainerSpec, Configs } };
    const words = "rpc error: code = InvalidArgument desc = config not found: conf";
    answer = ({ method, path }) => {
      if (path === "/configs") {
        const Version = { Index: 1 };
        return ok([
          { ID: "c2", Version, Spec: { Name: "conf2", Labels: {} } },
          { ID: "c1", Version, Spec: { Name: "conf", Labels: {} } },
        ]);
      }
      return method === "POST" ? refuse(400, words) : undefined;
    };
    expect(await codeOf(swarm.createService({ ...SPEC, TaskTemplate }))).toBe("file_not_found");
    const sent: unknown = JSON.parse(writes()[0]?.body ?? "");
    expect(sent).toEqual({
      ...SPEC,
      TaskTemplate: {
        ...TaskTemplate,
        ContainerSpec: { ...ContainerSpec, Configs: [{ ...Configs[0], ConfigID: "c1" }] },
      },
    });
  });

  it("reads a stack again when one of its services goes away meanwhile", async () => {
    const service = (ID: string) => ({
      ID,
      Version: { Index: 1 },
      CreatedAt: AT,
      UpdatedAt: AT,
      Spec: { ...SPEC, Name: ID },
    });
    let lists = 0;
    answer = ({ path }) => {
      if (path === "/services") return ok(++lists === 1 ? ["a", "b"].map(service) : [service("a")]);
      if (path === "/tasks") return lists === 1 ? refuse(404, "service b not found") : ok([]);
      return undefined;
    };
    const { services, tasks } = await swarm.stack("shop");
    expect(services.map(({ id }) => id)).toEqual(["a"]);
    expect(tasks).toEqual({ a: [] });
  });

  it("reads services that are no containers, and nodes that have not joined", async () => {
    const PluginSpec = { Name: "plugin" };
    const plugin = {
      ID: "p1",
      Version: { Index: 1 },
      CreatedAt: AT,
      UpdatedAt: AT,
      Spec: {
        Name: "plugin",
        TaskTemplate: { PluginSpec, Runtime: "plugin" },
        Mode: { Global: {} },
      },
    };
    const Spec = { Labels: null, Role: "worker", Availability: "active" };
    const joined = {
      Hostname: "two",
      Platform: { Architecture: "aarch64", OS: "linux" },
      Resources: { NanoCPUs: 4e9, MemoryBytes: 1024 },
      Engine: { EngineVersion: "20.10.24", Labels: { disk: "ssd" } },
    };
    answer = ({ path }) => {
      if (path === "/services") return ok([plugin]);
      if (path === "/nodes") {
        const second = { ID: "n2", Spec, Description: joined, Status: { State: "down" } };
        return ok([{ ID: "n1", Spec, Status: { State: "unknown" } }, second]);
      }
      if (path === "/volumes") return ok({ Volumes: null, Warnings: null });
      return path === "/version" ? undefined : ok([]);
    };
    const { nodes, services, volumes } = await swarm.survey();
    expect(services[0]?.spec.TaskTemplate).toMatchObject({ PluginSpec, Runtime: "plugin" });
    expect(volumes).toEqual([]);
    expect(nodes).toMatchObject([
      { hostname: "", state: "unknown", platform: { os: "", architecture: "" }, nanoCpus: 0 },
      {
        hostname: "two",
        role: "worker",
        state: "down",
        labels: {},
        engineLabels: { disk: "ssd" },
        platform: { os: "linux", architecture: "arm64" },
      },
    ]);
  });

  it("removes a network again that the Swarm finds no addresses for", async () => {
    const pending = { Id: "net1", Name: "shop_default", Driver: "", Scope: "swarm" };
    answer = ({ method, path }) => {
      if (method === "POST") return { status: 201, body: { Id: "net1" } };
      if (method === "DELETE") return { status: 204, body: "" };
      return path === "/networks/net1" ? ok(pending) : undefined;
    };
    expect(await codeOf(swarm.createNetwork(NETWORK))).toBe("subnet_in_use");
    expect(writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /networks/create",
      "DELETE /networks/net1",
    ]);
    expect(clock.now()).toBe(10_000);
  });

  it("removes one, too, that an earlier call left without addresses", async () => {
    const left = { Id: "net1", Name: "shop_default", Driver: "", Scope: "swarm" };
    const there = { ...left, Labels: NETWORK.Labels };
    answer = ({ method, path }) => {
      if (method === "POST") return refuse(409, "network with name shop_default already exists");
      if (method === "DELETE") return { status: 204, body: "" };
      if (path === "/networks") return ok([{ ...there, Id: "net2", Name: "shop_default2" }, there]);
      return path === "/networks/net1" ? ok(there) : undefined;
    };
    expect(await codeOf(swarm.createNetwork(NETWORK))).toBe("subnet_in_use");
    expect(writes().at(-1)?.path).toBe("/networks/net1");
  });

  it("gives up on a network that never goes", async () => {
    const going = { Id: "net1", Name: "shop_default", Driver: "overlay", Scope: "swarm" };
    const Containers = { container: {} };
    answer = ({ method, path }) => {
      if (method === "POST") return refuse(409, "network with name shop_default already exists");
      return path === "/networks"
        ? ok([{ ...going, Labels: NETWORK.Labels, Containers }])
        : undefined;
    };
    expect(await codeOf(swarm.createNetwork(NETWORK))).toBe("spec_rejected");
    expect(clock.now()).toBe(30_000);
  });

  it.each([
    ["Pool overlaps with other one on this address space", 403, "subnet_in_use"],
    ["Invalid subnet 10.0.0 : invalid CIDR address: 10.0.0", 500, "spec_rejected"],
    ['plugin "nodriver" not found', 404, "spec_rejected"],
    ["the disk is full", 500, "internal (retryable)"],
  ])("tells why a network was not made: %s", async (words, status, code) => {
    answer = ({ method }) => (method === "POST" ? refuse(status, words) : undefined);
    expect(await codeOf(swarm.createNetwork(NETWORK))).toBe(code);
  });

  it("labels a config that somebody else changes meanwhile, and gives up when that never ends", async () => {
    let version = 0;
    let wins = 2;
    answer = ({ method, path }) => {
      if (path === "/version") return undefined;
      const Spec = {
        Name: "conf",
        Labels: { old: "label" },
        Data: "YQ==",
        Templating: { Name: "golang" },
      };
      if (method === "GET") return ok({ ID: "c1", Version: { Index: ++version }, Spec });
      return wins-- > 0 ? refuse(500, "update out of sequence") : ok("");
    };
    await swarm.labelFile("config", "conf", { new: "label" });
    const last = writes().at(-1);
    expect(last?.query.get("version")).toBe("3");
    expect(JSON.parse(last?.body ?? "")).toEqual({
      Name: "conf",
      Labels: { new: "label" },
      Data: "YQ==",
      Templating: { Name: "golang" },
    });
    wins = Infinity;
    expect(await codeOf(swarm.labelFile("config", "conf", {}))).toBe("swarm_conflict (retryable)");
  });
});
