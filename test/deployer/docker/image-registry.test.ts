import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBuildKitBuilder } from "../../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../../src/deployer/docker/client.ts";
import type { Builder } from "../../../src/deployer/ports.ts";
import { createSimulatedClock, type SimulatedClock } from "../../support/simulated-clock.ts";
import {
  startStubEngine,
  type StubAnswer,
  type StubCall,
  type StubEngine,
} from "../../support/stub-engine.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { waitUntil } from "../../support/wait-until.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const IMAGE = "registry.example.com:5000/team/web:1";
const FOUND = {
  status: 200,
  body: {
    Descriptor: { mediaType: "x", digest: DIGEST, size: 527 },
    Platforms: [{ architecture: "amd64", os: "linux" }],
  },
};
const { signal } = new AbortController();

let dir: TempDir;
let engine: StubEngine;
let clock: SimulatedClock;
let builder: Builder;
let answer: (call: StubCall) => StubAnswer | undefined;
beforeEach(async () => {
  dir = await makeTempDir();
  answer = () => undefined;
  clock = createSimulatedClock();
  engine = await startStubEngine(dir.path, (call) =>
    call.path === "/version" ? undefined : answer(call),
  );
  const client = createDockerClient(engine.host, clock);
  const registryAuth = (image: string) =>
    image.startsWith("registry.example.com") ? "bG9n" : null;
  builder = createBuildKitBuilder({ client, clock, registryAuth });
});
afterEach(async () => {
  await engine.close();
  await dir.remove();
});

const lookUps = (): readonly StubCall[] =>
  engine.calls.filter(({ path }) => path.startsWith("/distribution/"));

describe("looking an image up", () => {
  it("asks the engine with the login for the image's registry", async () => {
    answer = () => FOUND;
    await builder.resolve(IMAGE, signal);
    await builder.resolve("acme/web", signal);
    const [first, second] = lookUps();
    expect(decodeURIComponent(first?.path ?? "")).toBe(`/distribution/${IMAGE}/json`);
    expect(first?.headers["x-registry-auth"]).toBe("bG9n");
    expect(decodeURIComponent(second?.path ?? "")).toBe("/distribution/acme/web:latest/json");
    expect(second?.headers).not.toHaveProperty("x-registry-auth");
  });

  it("asks once within a minute", async () => {
    answer = () => FOUND;
    const both = [builder.resolve("web", signal), builder.resolve("web:latest", signal)];
    expect(await Promise.all(both)).toEqual(
      [both[0], both[1]].map(() => ({
        digest: DIGEST,
        platforms: [{ os: "linux", architecture: "amd64" }],
      })),
    );
    clock.advance(59_999);
    await builder.resolve("web", signal);
    expect(lookUps()).toHaveLength(1);
    await builder.resolve("web:2", signal);
    expect(lookUps()).toHaveLength(2);
    clock.advance(1);
    await builder.resolve("web", signal);
    expect(lookUps()).toHaveLength(3);
  });

  it("asks again after a failure: the image may be there by then", async () => {
    answer = () => ({ status: 404, body: { message: "manifest unknown: manifest unknown" } });
    await expect(builder.resolve("web:1", signal)).rejects.toThrow("manifest unknown");
    answer = () => FOUND;
    expect(await builder.resolve("web:1", signal)).toMatchObject({ digest: DIGEST });
  });

  it("gives up after 10 s", async () => {
    answer = () => "never answer";
    const call = builder.resolve("web:1", signal);
    const outcome = expect(call).rejects.toMatchObject({
      code: "image_not_found",
      message: "looking up image web:1: the registry did not answer within 10 s",
      nextStep: expect.stringContaining("can reach it"),
    });
    await waitUntil("the engine is asked", () => lookUps().length === 1);
    clock.advance(10_000);
    await outcome;
  });

  it("waits for a silent registry once, not once per image", async () => {
    answer = () => "never answer";
    const call = builder.resolve("registry.example.com/web:1", signal);
    const outcome = expect(call).rejects.toThrow("within 10 s");
    await waitUntil("the engine is asked", () => lookUps().length === 1);
    clock.advance(10_000);
    await outcome;
    answer = () => FOUND;
    await expect(builder.resolve("registry.example.com/api:1", signal)).rejects.toMatchObject({
      code: "image_not_found",
      details: { registry: "away" },
      message: expect.stringContaining("api:1: the registry did not answer within 10 s"),
    });
    expect(lookUps()).toHaveLength(1);
    expect(await builder.resolve("127.0.0.1:5000/web:1", signal)).toMatchObject({ digest: DIGEST });
    clock.advance(30_000);
    const again = await builder.resolve("registry.example.com/api:1", signal);
    expect(again).toMatchObject({ digest: DIGEST });
  });

  it("lets one give up while another waits on", async () => {
    answer = () => FOUND;
    const reason = new Error("somebody pushed again");
    const giver = new AbortController();
    const given = builder.resolve("web:1", giver.signal);
    const kept = builder.resolve("web:1", signal);
    giver.abort(reason);
    await expect(given).rejects.toBe(reason);
    expect(await kept).toMatchObject({ digest: DIGEST });
    expect(lookUps()).toHaveLength(1);
  });

  it("calls architectures as Docker does, and leaves attestations out", async () => {
    const Platforms = [
      { architecture: "x86_64", os: "linux" },
      { architecture: "aarch64", os: "linux", variant: "v8" },
      { architecture: "unknown", os: "unknown" },
      { architecture: "", os: "" },
    ];
    answer = () => ({ status: 200, body: { ...FOUND.body, Platforms } });
    expect((await builder.resolve("web:1", signal)).platforms).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
    answer = () => ({ status: 200, body: { ...FOUND.body, Platforms: null } });
    expect((await builder.resolve("web:2", signal)).platforms).toEqual([]);
  });

  it.each([
    ["unauthorized: authentication required", "SKEP_REGISTRY_AUTH"],
    [
      "denied: requested access to the resource is denied; repository does not exist or may require 'docker login'",
      "SKEP_REGISTRY_AUTH",
    ],
    ["manifest unknown: manifest unknown", "name and tag"],
    [
      'Head "https://registry.example.com/v2/denied/manifests/401": dial tcp: i/o timeout',
      "reach it",
    ],
    [
      'Get "https://registry.example.com/v2/": x509: certificate signed by unknown authority',
      "trust",
    ],
    ['Get "https://127.0.0.1:1/v2/": http: server gave HTTP response to HTTPS client', "trust"],
    ["toomanyrequests: You have reached your pull rate limit", "reach it"],
    ["something else", "name and tag"],
  ])("says what to do about %j", async (message, step) => {
    answer = () => ({ status: 500, body: { message } });
    await expect(builder.resolve("web:1", signal)).rejects.toMatchObject({
      code: "image_not_found",
      message: `looking up image web:1: ${message}`,
      nextStep: expect.stringContaining(step),
    });
  });

  it.each<[string, StubAnswer, string]>([
    ["hangs up", "hang up", "swarm_unreachable"],
    ["breaks off", { status: 200, body: "{", isCut: true }, "swarm_unreachable"],
    ["talks nonsense", { status: 200, body: "<html>" }, "swarm_unreachable"],
    ["says something else", { status: 200, body: { Descriptor: {} } }, "internal"],
    [
      "gives no digest",
      { status: 200, body: { Descriptor: { digest: "latest; rm -rf /" } } },
      "internal",
    ],
  ])("does not blame the registry when the engine %s", async (_case, given, code) => {
    answer = () => given;
    await expect(builder.resolve("web:1", signal)).rejects.toMatchObject({ code });
  });

  it.each(["../containers", "a//b", "./a", "/"])("asks nobody for %j", async (reference) => {
    await expect(builder.resolve(reference, signal)).rejects.toMatchObject({
      code: "image_not_found",
    });
    await expect(builder.push(reference, signal)).rejects.toMatchObject({ code: "push_failed" });
    expect(engine.calls).toEqual([]);
  });
});

describe("pushing an image", () => {
  const DONE = {
    status: 200,
    body: `{"status":"Pushing"}\r\n{"progressDetail":{},"aux":{"Tag":"1","Digest":"${DIGEST}","Size":527}}\r\n`,
  };

  it("pushes one tag, and says who it is", async () => {
    answer = () => DONE;
    expect(await builder.push(IMAGE, signal)).toEqual({ digest: DIGEST });
    await builder.push("127.0.0.1:5000/web", signal);
    const [first, second] = engine.calls.filter(({ method }) => method === "POST");
    expect(decodeURIComponent(first?.path ?? "")).toBe(
      "/images/registry.example.com:5000/team/web/push",
    );
    expect(first?.query.get("tag")).toBe("1");
    expect(first?.headers["x-registry-auth"]).toBe("bG9n");
    expect(second?.query.get("tag")).toBe("latest");
    expect(second?.headers["x-registry-auth"]).toBe("e30=");
  });

  it.each<[string, StubAnswer, object]>([
    [
      "the registry refuses",
      { status: 200, body: '{"status":"x"}\r\n{"error":"denied: no"}\r\n' },
      { code: "push_failed", retryable: false, message: `pushing image ${IMAGE}: denied: no` },
    ],
    [
      "the registry is away",
      {
        status: 200,
        body: '{"error":"Get \\"https://x/v2/\\": dial tcp: connection refused"}\r\n',
      },
      { code: "push_failed", retryable: true },
    ],
    [
      "the registry is ill",
      { status: 200, body: '{"error":"received unexpected HTTP status: 503 Service Unavailable"}' },
      { code: "push_failed", retryable: true },
    ],
    [
      "the engine refuses",
      { status: 500, body: { message: "no space left on device" } },
      { code: "push_failed", retryable: false },
    ],
    [
      "the engine breaks off",
      { status: 200, body: '{"status":"x"}\r\n', isCut: true },
      { code: "swarm_unreachable", retryable: true },
    ],
    [
      "no digest comes",
      { status: 200, body: '{"status":"x"}\r\n' },
      { code: "swarm_unreachable", retryable: true },
    ],
  ])("tells when %s", async (_case, given, expected) => {
    answer = () => given;
    await expect(builder.push(IMAGE, signal)).rejects.toMatchObject({
      ...expected,
      nextStep: expect.any(String),
    });
  });

  it("ends with the caller's reason, or after 15 minutes", async () => {
    answer = () => "never answer";
    const controller = new AbortController();
    const given = builder.push(IMAGE, controller.signal);
    const kept = builder.push(IMAGE, signal);
    const outcomes = Promise.allSettled([given, kept]);
    await waitUntil("the engine is asked", () => engine.calls.length >= 3);
    const reason = new Error("somebody pushed again");
    controller.abort(reason);
    clock.advance(15 * 60_000);
    const [first, second] = await outcomes;
    expect(first).toEqual({ status: "rejected", reason });
    expect(second).toMatchObject({
      reason: { code: "push_failed", message: expect.stringContaining("15 minutes") },
    });
  });
});

describe("pulling an image", () => {
  it("says who it is", async () => {
    let isPulled = false;
    answer = ({ method }) => {
      if (method === "GET" && !isPulled) return { status: 404, body: { message: "no such image" } };
      isPulled = true;
      return method === "GET"
        ? { status: 200, body: { Id: DIGEST } }
        : { status: 200, body: '{"status":"Done"}\r\n' };
    };
    await builder.pull(IMAGE, signal);
    const [asked] = engine.calls.filter(({ method }) => method === "POST");
    expect(asked?.headers["x-registry-auth"]).toBe("bG9n");
  });
});
