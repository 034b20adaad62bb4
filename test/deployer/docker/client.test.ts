import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock, type Clock } from "../../../src/clock.ts";
import { createDockerClient } from "../../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../../src/deployer/docker/dockerode-swarm.ts";
import type { Swarm } from "../../../src/deployer/ports.ts";
import {
  startStubEngine,
  type StubAnswer,
  type StubCall,
  type StubEngine,
} from "../../support/stub-engine.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

const INFO = {
  ServerVersion: "29.1.0",
  Swarm: { LocalNodeState: "active", ControlAvailable: true, Nodes: 3 },
};
const SPEC = {
  Name: "web",
  Labels: {},
  TaskTemplate: {
    ContainerSpec: {
      Image: "web:1",
      Labels: {},
      Privileges: { CredentialSpec: null, SELinuxContext: null },
    },
    Resources: {},
    Placement: {},
    ForceUpdate: 0,
  },
  Mode: {},
  EndpointSpec: {},
};

describe("client of an engine", () => {
  let dir: TempDir;
  let engine: StubEngine | undefined;
  let answer: (call: StubCall) => StubAnswer | undefined;
  let swarm: Swarm;
  beforeEach(async () => {
    answer = () => undefined;
    dir = await makeTempDir();
    engine = await startStubEngine(dir.path, (call) => answer(call));
    swarm = createDockerodeSwarm(createDockerClient(engine.host));
  });
  afterEach(async () => {
    await engine?.close();
    await dir.remove();
  });

  it.each([
    ["an old engine", { ApiVersion: "1.40", MinAPIVersion: "1.12" }, "1.40"],
    ["an engine of its time", { ApiVersion: "1.41", MinAPIVersion: "1.12" }, "1.41"],
    ["a new engine", { ApiVersion: "1.52", MinAPIVersion: "1.24" }, "1.41"],
    ["an engine that has dropped 1.41", { ApiVersion: "1.52", MinAPIVersion: "1.44" }, "1.44"],
    ["an engine that tells no minimum", { ApiVersion: "1.47" }, "1.41"],
  ])("speaks the version that both know: %s", async (_case, body, version) => {
    answer = ({ path }) => ({ status: 200, body: path === "/version" ? body : INFO });
    expect(await swarm.info()).toEqual({ engineVersion: "29.1.0", apiVersion: version, nodes: 3 });
    expect(engine?.calls.map((call) => call.version)).toEqual([null, version]);
  });

  it("asks for the version once, and again when the engine was away", async () => {
    answer = ({ path }) => (path === "/info" ? { status: 200, body: INFO } : undefined);
    await Promise.all([swarm.info(), swarm.info()]);
    const asked = () => engine?.calls.filter(({ path }) => path === "/version").length;
    expect(asked()).toBe(1);
    answer = ({ path }) => (path === "/info" ? "hang up" : undefined);
    await expect(swarm.info()).rejects.toMatchObject({ code: "swarm_unreachable" });
    answer = ({ path }) => (path === "/info" ? { status: 200, body: INFO } : undefined);
    await swarm.info();
    expect(asked()).toBe(2);
  });

  it("asks again after it could not learn the version", async () => {
    answer = () => ({ status: 500, body: { message: "starting" } });
    await expect(swarm.info()).rejects.toMatchObject({ code: "internal", retryable: true });
    answer = ({ path }) => (path === "/info" ? { status: 200, body: INFO } : undefined);
    await expect(swarm.info()).resolves.toMatchObject({ nodes: 3 });
  });

  it("calls an engine that hangs up unreachable, and says how to mend it", async () => {
    answer = () => "hang up";
    await expect(swarm.info()).rejects.toMatchObject({
      code: "swarm_unreachable",
      retryable: true,
      message: expect.stringContaining(`reaching the engine at ${engine?.host}: socket hang up`),
      nextStep: expect.stringContaining("Start the Docker Engine"),
    });
  });

  it("gives up on an engine that does not answer", async () => {
    answer = ({ path }) => (path === "/version" ? undefined : "never answer");
    const system = createSystemClock();
    const clock: Clock = { ...system, deadline: (ms) => system.deadline(ms / 30) };
    swarm = createDockerodeSwarm(createDockerClient(engine?.host, clock));
    await expect(swarm.service("web")).rejects.toMatchObject({
      code: "swarm_unreachable",
      retryable: true,
      message: `reading service web: the engine at ${engine?.host} did not answer within 30 s`,
    });
  });

  it.each([
    ["is in no Swarm", { LocalNodeState: "inactive", ControlAvailable: false }],
    ["is a worker", { LocalNodeState: "active", ControlAvailable: false }],
    ["is locked", { LocalNodeState: "locked", ControlAvailable: false }],
  ])("says that it needs a manager when the engine %s", async (words, state) => {
    answer = ({ path }) =>
      path === "/info" ? { status: 200, body: { ServerVersion: "1", Swarm: state } } : undefined;
    await expect(swarm.info()).rejects.toMatchObject({
      code: "swarm_not_manager",
      retryable: false,
      message: expect.stringContaining(words),
      nextStep: expect.stringContaining("docker swarm init"),
    });
  });

  it.each([
    [503, 'This node is not a swarm manager. Use "docker swarm init"', "swarm_not_manager", true],
    [
      500,
      "rpc error: code = Unknown desc = The swarm does not have a leader.",
      "swarm_unreachable",
      true,
    ],
    [500, "rpc error: code = Unknown desc = update out of sequence", "swarm_conflict", true],
    [404, "service web not found", "swarm_conflict", true],
    [404, "network front not found", "network_not_found", false],
    [
      400,
      "rpc error: code = InvalidArgument desc = ContainerSpec: image reference must be provided",
      "spec_rejected",
      false,
    ],
    [
      400,
      "rpc error: code = InvalidArgument desc = port '80' is already in use by service 'x' (id) as an ingress port",
      "port_in_use",
      false,
    ],
    [
      501,
      "rpc error: code = Unimplemented desc = renaming services is not supported",
      "spec_rejected",
      false,
    ],
    [500, "rpc error: code = Unknown desc = disk is full", "internal", true],
  ])("knows what a refused update means: %i %s", async (status, message, code, retryable) => {
    answer = ({ path }) => (path === "/version" ? undefined : { status, body: { message } });
    const words = message.replace(/^rpc error: code = \w+ desc = /u, "");
    await expect(swarm.updateService({ id: "id1", version: 7 }, SPEC)).rejects.toMatchObject({
      code,
      retryable,
      message: `updating service web: ${words}`,
      nextStep: expect.stringMatching(/\.$/u),
    });
    expect(engine?.calls.at(-1)).toMatchObject({ method: "POST", path: "/services/id1/update" });
    expect(engine?.calls.at(-1)?.query.toString()).toBe("version=7");
    expect(JSON.parse(engine?.calls.at(-1)?.body ?? "")).toEqual(SPEC);
  });

  it("never sends an update without a placement, which old engines do not survive", async () => {
    const { Placement: _placement, ...TaskTemplate } = SPEC.TaskTemplate;
    const spec = { ...SPEC, TaskTemplate };
    // @ts-expect-error the type forbids it; plain data may still lack it
    const update = swarm.updateService({ id: "id1", version: 7 }, spec);
    await expect(update).rejects.toMatchObject({ code: "internal" });
    expect(engine?.calls).toEqual([]);
  });

  it("does not take a service for another whose ID begins with the name", async () => {
    const body = { ID: "web9", Version: { Index: 1 }, Spec: { ...SPEC, Name: "other" } };
    answer = ({ path }) => (path === "/version" ? undefined : { status: 200, body });
    expect(await swarm.service("web")).toBeNull();
    expect(await swarm.tasks("web")).toEqual([]);
    await swarm.removeService("web");
    expect(engine?.calls.some(({ method }) => method === "DELETE")).toBe(false);
  });

  it("sends names as one part of the path, whatever they hold", async () => {
    expect(await swarm.service("../info?x=1#y")).toBeNull();
    expect(engine?.calls.at(-1)?.path).toBe("/services/..%2Finfo%3Fx%3D1%23y");
  });

  it("leaves a config alone that has the name of a mark and is not one", async () => {
    const Spec = { Name: "shop_release", Labels: {}, Data: "c2VjcmV0" };
    const body = { ID: "c1", Version: { Index: 1 }, Spec };
    answer = ({ path }) => (path === "/version" ? undefined : { status: 200, body });
    await expect(swarm.markRelease("shop", { a: "b" })).rejects.toMatchObject({
      code: "stack_not_owned",
    });
    expect(engine?.calls.some(({ method }) => method === "POST")).toBe(false);
  });

  it("reads a mark again when somebody else wrote it meanwhile, but not for ever", async () => {
    let writes = 0;
    answer = ({ method, path }) => {
      if (path === "/version") return undefined;
      if (method === "GET") return { status: 404, body: { message: "config not found" } };
      writes += 1;
      return writes < 3
        ? { status: 409, body: { message: "config shop_release already exists" } }
        : { status: 201, body: { ID: "c1" } };
    };
    await swarm.markRelease("shop", { a: "b" });
    expect(writes).toBe(3);
    writes = -1_000;
    await expect(swarm.markRelease("shop", {})).rejects.toMatchObject({ code: "swarm_conflict" });
  });

  it.each(["<html>", "[]", "null", '{"ID": 5}'])(
    "says that it does not understand %s",
    async (text) => {
      answer = ({ path }) => (path === "/version" ? undefined : { status: 200, body: text });
      await expect(swarm.service("web")).rejects.toMatchObject({
        code: "internal",
        message: expect.stringContaining(
          "reading service web: the engine's answer is not understood",
        ),
      });
    },
  );

  it("says what is missing when there is no engine", async () => {
    await dir.remove();
    await expect(swarm.info()).rejects.toMatchObject({
      code: "swarm_unreachable",
      message: expect.stringContaining("ENOENT"),
      nextStep: expect.stringContaining("DOCKER_HOST"),
    });
    const nobody = createDockerodeSwarm(createDockerClient("tcp://127.0.0.1:9"));
    await expect(nobody.info()).rejects.toMatchObject({
      code: "swarm_unreachable",
      message: expect.stringContaining("reaching the engine at tcp://127.0.0.1:9"),
    });
  });
});
