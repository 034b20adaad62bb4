import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { normaliseImage } from "../../../src/deployer/compose/image.ts";
import { buildServiceSpec } from "../../../src/deployer/compose/service.ts";
import type { ServiceSpec } from "../../../src/swarm-objects.ts";
import { parseConfig } from "../../../src/policy/config/config.ts";
import type { ServiceDefinition } from "../../../src/release.ts";
import { aDefinition, aDeploy, aHealthcheck } from "../../support/swarm-builders.ts";

/** Services as they stand in Compose files, with what `docker stack deploy` (CLI 28.2.2) sent for each. */
const fixture = z
  .object({
    accepted: z.record(
      z.string(),
      z.object({ service: z.string(), sent: z.record(z.string(), z.unknown()) }),
    ),
    refused: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync("test/fixtures/stack-deploy.json", "utf8")));

function parse(service: string): ReturnType<typeof parseConfig> {
  const contentText = `service:\n${service}\n`;
  return parseConfig({
    policyText: contentText,
    contentText,
    repositoryName: "a",
    defaultBranch: "main",
    hasDockerfile: true,
  });
}

function definitionOf(service: string): ServiceDefinition {
  const parsed = parse(service);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config.app.service;
}

function build(definition: ServiceDefinition, change: { defaultNetwork?: string | null } = {}) {
  return buildServiceSpec({
    stackName: "cx-s",
    serviceName: "a",
    definition,
    image: definition.image ?? "localhost/acme/a:0123456789abcdef",
    deploymentId: "dep_1",
    releaseId: "rel_1",
    extraLabels: { "skep.owner": "1/a/production" },
    defaultNetwork: "cx-s_default",
    ...change,
  });
}

/** The spec without what Skep adds to it: its labels, and update settings that the file leaves open. */
function asSentByDocker(spec: ServiceSpec, sent: Record<string, unknown>): unknown {
  const { UpdateConfig, RollbackConfig, ...rest } = spec;
  const labels = Object.entries(spec.Labels).filter(([name]) => !name.startsWith("skep."));
  const replicas = spec.Mode.Replicated?.Replicas;
  expect(RollbackConfig?.FailureAction).toBe("pause");
  return {
    ...rest,
    Labels: Object.fromEntries(labels),
    // Absent means one to the engine, and that is what it answers.
    Mode: { Replicated: replicas === 1 ? {} : { Replicas: replicas } },
    ...("UpdateConfig" in sent && { UpdateConfig }),
  };
}

/** The CLI leaves out what the long form of a port leaves out; the engine fills it in like this. */
function fillPorts(endpoint: unknown): unknown {
  const { Ports } = z.object({ Ports: z.array(z.looseObject({})).optional() }).parse(endpoint);
  if (!Ports) return {};
  return { Ports: Ports.map((port) => ({ Protocol: "tcp", PublishMode: "ingress", ...port })) };
}

describe("a service as docker stack deploy would send it", () => {
  it.each(Object.entries(fixture.accepted))("%s", (_, { service, sent }) => {
    const spec = asSentByDocker(build(definitionOf(service)), sent);
    expect(spec).toEqual({ ...sent, EndpointSpec: fillPorts(sent["EndpointSpec"]) });
  });

  it.each(Object.entries(fixture.refused))(
    "is refused where Docker refuses it: %s",
    (_, service) => {
      expect(parse(service).ok).toBe(false);
    },
  );
});

describe("buildServiceSpec", () => {
  it("gives the whole spec", () => {
    expect(build(aDefinition({ environment: { B: "2", A: "1" } }))).toEqual({
      Name: "cx-s_a",
      Labels: {
        "com.docker.stack.namespace": "cx-s",
        "com.docker.stack.image": "img:1",
        "skep.owner": "1/a/production",
        "skep.deployment": "dep_1",
        "skep.release": "rel_1",
      },
      TaskTemplate: {
        ContainerSpec: {
          Image: "img:1",
          Labels: { "com.docker.stack.namespace": "cx-s" },
          Env: ["A=1", "B=2"],
          Privileges: { CredentialSpec: null, SELinuxContext: null },
        },
        Resources: {},
        Placement: {},
        Networks: [{ Target: "cx-s_default", Aliases: ["a"] }],
        ForceUpdate: 0,
      },
      Mode: { Replicated: { Replicas: 1 } },
      UpdateConfig: {
        Parallelism: 1,
        FailureAction: "rollback",
        Monitor: 5_000_000_000,
        MaxFailureRatio: 0,
        Order: "start-first",
      },
      RollbackConfig: {
        Parallelism: 0,
        FailureAction: "pause",
        MaxFailureRatio: 0,
        Order: "start-first",
      },
      EndpointSpec: {},
    });
  });

  it("keeps Skep's labels off the container, where they would restart tasks", () => {
    const { Labels } = build(aDefinition()).TaskTemplate.ContainerSpec;
    expect(Object.keys(Labels).filter((name) => name.startsWith("skep."))).toEqual([]);
  });

  it("joins the named networks in order, each once, and the default one only without any", () => {
    const networks = (names: string[], defaultNetwork: string | null): unknown =>
      build(aDefinition({ networks: names }), { defaultNetwork }).TaskTemplate.Networks;
    expect(networks(["b", "a", "b"], "d")).toEqual([
      { Target: "a", Aliases: ["a"] },
      { Target: "b", Aliases: ["a"] },
    ]);
    expect(networks([], null)).toBeUndefined();
  });

  it("gives the same spec whatever the order of maps and lists without an order", () => {
    const entries = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[A-Z_a-zé]{1,4}$/), fc.string()), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(entries, (pairs) => {
        const forward = build(aDefinition({ environment: Object.fromEntries(pairs) }));
        const backward = build(
          aDefinition({ environment: Object.fromEntries(pairs.toReversed()) }),
        );
        expect(JSON.stringify(forward)).toBe(JSON.stringify(backward));
      }),
    );
  });
});

describe("Skep's defaults", () => {
  const hostPort = { target: 80, published: 80, protocol: "tcp", mode: "host" } as const;
  const { updateConfig } = aDefinition().deploy;

  it.each<[string, Partial<ServiceDefinition>, object]>([
    ["a fixed host port forbids start-first", { ports: [hostPort] }, { Order: "stop-first" }],
    [
      "a host port that the engine chooses does not",
      { ports: [{ ...hostPort, published: null }] },
      { Order: "start-first" },
    ],
    [
      "with a health check all tasks are replaced at once",
      { healthcheck: aHealthcheck() },
      { Parallelism: 0, Order: "start-first" },
    ],
    [
      "but not where a host port forbids start-first",
      { healthcheck: aHealthcheck(), ports: [hostPort] },
      { Parallelism: 1, Order: "stop-first" },
    ],
    [
      "a disabled health check guards nothing",
      { healthcheck: aHealthcheck({ test: ["NONE"] }) },
      { Parallelism: 1, Monitor: 5_000_000_000 },
    ],
    [
      "the monitor covers Docker's own health check times",
      { healthcheck: aHealthcheck() },
      { Monitor: 180_000_000_000 },
    ],
    [
      "the monitor covers the health check",
      {
        healthcheck: aHealthcheck({
          intervalMs: 2000,
          timeoutMs: 1000,
          retries: 4,
          startPeriodMs: 10_000,
        }),
      },
      { Monitor: 22_000_000_000 },
    ],
    [
      "the monitor is 5 s at least",
      { healthcheck: aHealthcheck({ intervalMs: 100, timeoutMs: 100, retries: 1 }) },
      { Monitor: 5_000_000_000 },
    ],
    [
      "the file has the last word",
      {
        healthcheck: aHealthcheck(),
        deploy: aDeploy({
          updateConfig: {
            parallelism: 3,
            delayMs: 1000,
            monitorMs: 7000,
            maxFailureRatio: 0.5,
            order: "stop-first",
            failureAction: "continue",
          },
        }),
      },
      {
        Parallelism: 3,
        Delay: 1_000_000_000,
        FailureAction: "continue",
        Monitor: 7_000_000_000,
        MaxFailureRatio: 0.5,
        Order: "stop-first",
      },
    ],
  ])("%s", (_, definition, expected) => {
    expect(build(aDefinition(definition)).UpdateConfig).toMatchObject(expected);
  });

  it("goes back in the order of the update, all at once, and pauses rather than loops", () => {
    const deploy = aDeploy({ updateConfig: { ...updateConfig, order: "stop-first" } });
    expect(build(aDefinition({ deploy })).RollbackConfig).toEqual({
      Parallelism: 0,
      FailureAction: "pause",
      MaxFailureRatio: 0,
      Order: "stop-first",
    });
  });

  it("leaves a monitor of 0 to the engine, as Docker does", () => {
    const deploy = aDeploy({ updateConfig: { ...updateConfig, monitorMs: 0 } });
    expect(build(aDefinition({ deploy })).UpdateConfig).not.toHaveProperty("Monitor");
  });
});

describe("normaliseImage", () => {
  it.each([
    ["nginx", "nginx:latest"],
    ["docker.io/library/nginx", "nginx:latest"],
    ["docker.io/acme/shop:1", "acme/shop:1"],
    ["index.docker.io/library/nginx:1", "nginx:1"],
    ["library/nginx", "nginx:latest"],
    ["acme/shop", "acme/shop:latest"],
    ["localhost:5000/shop", "localhost:5000/shop:latest"],
    ["registry.example.com/acme/shop:v1", "registry.example.com/acme/shop:v1"],
    [`nginx@sha256:${"a".repeat(64)}`, `nginx@sha256:${"a".repeat(64)}`],
    [`nginx:1@sha256:${"a".repeat(64)}`, `nginx:1@sha256:${"a".repeat(64)}`],
    ["localhost/acme/a:0123456789abcdef", "localhost/acme/a:0123456789abcdef"],
  ])("%s is %s", (written, sent) => {
    expect(normaliseImage(written)).toBe(sent);
  });
});
