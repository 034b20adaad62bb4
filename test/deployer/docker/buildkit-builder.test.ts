import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../../src/clock.ts";
import { createBuildKitBuilder } from "../../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../../src/deployer/docker/client.ts";
import type { Builder } from "../../../src/deployer/ports.ts";
import {
  startStubEngine,
  type StubAnswer,
  type StubCall,
  type StubEngine,
} from "../../support/stub-engine.ts";
import { tarContext } from "../../support/tar-context.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { waitUntil } from "../../support/wait-until.ts";

const ID = `sha256:${"a".repeat(64)}`;
const NOT_THERE = { status: 404, body: { message: "No such image: x" } };

describe("builder on an engine that misbehaves", () => {
  let dir: TempDir;
  let engine: StubEngine;
  let answer: (call: StubCall) => StubAnswer | undefined;
  let builder: Builder;
  const { signal } = new AbortController();
  beforeEach(async () => {
    dir = await makeTempDir();
    engine = await startStubEngine(dir.path, (call) => answer(call));
    const clock = createSystemClock();
    const client = createDockerClient(engine.host, clock);
    builder = createBuildKitBuilder({ client, clock, registryAuth: () => null });
  });
  afterEach(async () => {
    await engine.close();
    await dir.remove();
  });

  async function build(given: StubAnswer) {
    answer = ({ path }) => (path === "/build" ? given : undefined);
    const context = tarContext({ Dockerfile: "FROM scratch" });
    try {
      return await builder.build({
        context,
        dockerfile: "Dockerfile",
        target: null,
        args: {},
        tag: "x:1",
        labels: {},
        timeoutMs: 5_000,
        onEvent: () => undefined,
        signal,
      });
    } finally {
      expect(context.destroyed).toBe(true);
      await waitUntil("the session is closed", () => engine.openSessions() === 0);
    }
  }

  it("takes the image's ID from the engine's last word", async () => {
    const body = `{"id":"moby.image.id","aux":{"ID":"${ID}"}}\r\n{"stream":"Successfully tagged"}\r\n`;
    expect(await build({ status: 200, body })).toEqual({ imageId: ID });
    const query = engine.calls.find(({ path }) => path === "/build")?.query;
    expect(query?.get("version")).toBe("2");
    expect(query?.get("session")).toMatch(/^skep-\d+-1-x-1$/u);
  });

  it.each<[string, StubAnswer, string]>([
    ["hangs up", "hang up", "swarm_unreachable"],
    [
      "breaks off",
      { status: 200, body: '{"stream":"Step 1"}\r\n', isCut: true },
      "swarm_unreachable",
    ],
    [
      "ends without a result",
      { status: 200, body: '{"stream":"Step 1"}\r\n' },
      "swarm_unreachable",
    ],
    ["talks nonsense", { status: 200, body: "<html>\r\n" }, "swarm_unreachable"],
    [
      "sends another trace",
      { status: 200, body: '{"id":"moby.buildkit.trace","aux":"/////w=="}\n' },
      "swarm_unreachable",
    ],
    ["refuses", { status: 500, body: { message: "no space left on device" } }, "internal"],
  ])("says so when it %s", async (_case, given, code) => {
    await expect(build(given)).rejects.toMatchObject({
      code,
      retryable: true,
      message: expect.stringMatching(/^building image x:1: /u),
    });
  });

  async function pull(reference: string, given: StubAnswer, isThere = false) {
    let isPulled = isThere;
    answer = ({ method, path }) => {
      if (path === "/version") return undefined;
      if (method === "GET") return isPulled ? { status: 200, body: { Id: ID } } : NOT_THERE;
      isPulled = true;
      return given;
    };
    await builder.pull(reference, signal);
    return engine.calls.find(({ path }) => path === "/images/create")?.query.get("fromImage");
  }
  const DONE = { status: 200, body: '{"status":"Pulling"}\r\n{"status":"Done"}\r\n' };

  it.each([
    ["shop", "shop:latest"],
    ["shop:v1", "shop:v1"],
    ["registry:5000/team/shop", "registry:5000/team/shop:latest"],
    ["registry:5000/team/shop:v1", "registry:5000/team/shop:v1"],
    [`shop@${ID}`, `shop@${ID}`],
  ])("pulls one image, not all of a name: %s", async (reference, asked) => {
    expect(await pull(reference, DONE)).toBe(asked);
  });

  it("does not pull what is there", async () => {
    expect(await pull("shop:v1", DONE, true)).toBeUndefined();
  });

  it.each<[string, StubAnswer, string]>([
    [
      "at once",
      { status: 404, body: { message: "pull access denied for shop" } },
      "pull access denied for shop",
    ],
    [
      "half-way",
      { status: 200, body: '{"status":"x"}\r\n{"error":"manifest unknown"}\r\n' },
      "manifest unknown",
    ],
  ])("passes the registry's words on: %s", async (_case, given, words) => {
    await expect(pull("shop:v1", given)).rejects.toMatchObject({
      code: "image_not_found",
      message: `pulling image shop:v1: ${words}`,
      nextStep: expect.any(String),
    });
  });

  it("does not blame the registry when the engine goes away", async () => {
    const given = { status: 200, body: '{"status":"x"}\r\n', isCut: true };
    await expect(pull("shop:v1", given)).rejects.toMatchObject({ code: "swarm_unreachable" });
  });

  it.each(["", "..", "../info", "a//b", "./a"])("knows that %j is no image", async (reference) => {
    answer = () => undefined;
    expect(await builder.imageId(reference)).toBeNull();
    expect(engine.calls).toEqual([]);
  });
});
