import { describe, expect, it } from "vitest";
import type { StackService } from "../../../src/stack/model.ts";
import { modelWith, objectsOf, problemsOf, serviceBody } from "./stack-model.ts";

const NS = { "com.docker.stack.namespace": "s" };

/** What the file says of a service, and what the body has besides the smallest. */
type Case = readonly [string, StackService, Parameters<typeof serviceBody>[0]];

const CONTAINER: readonly Case[] = [
  ["nothing", {}, {}],
  ["labels on the container", { labels: { x: "" } }, { container: { Labels: { x: "", ...NS } } }],
  [
    "commands",
    { command: ["run", "it"], entrypoint: ["sh", "-c"] },
    { container: { Args: ["run", "it"], Command: ["sh", "-c"] } },
  ],
  ["empty commands", { command: [], entrypoint: [] }, {}],
  [
    "variables, sorted by bytes, with and without a value",
    { environment: { b: "1=2", a: "", B: null, "\u{1F600}": "x", "\uFF5E": "y" } },
    { container: { Env: ["B", "a=", "b=1=2", "\uFF5E=y", "\u{1F600}=x"] } },
  ],
  ["no variables", { environment: {} }, {}],
  [
    "simple fields",
    {
      hostname: "h",
      user: "1:2",
      workingDir: "/w",
      stopSignal: "SIGINT",
      tty: true,
      stdinOpen: true,
      readOnly: true,
      isolation: "hyperv",
    },
    {
      container: {
        Hostname: "h",
        User: "1:2",
        Dir: "/w",
        StopSignal: "SIGINT",
        TTY: true,
        OpenStdin: true,
        ReadOnly: true,
        Isolation: "hyperv",
      },
    },
  ],
  ["simple fields that are off", { hostname: "", tty: false, readOnly: false }, {}],
  [
    "init and grace period, even false and nothing",
    { init: false, stopGracePeriodNs: 0 },
    { container: { Init: false, StopGracePeriod: 0 } },
  ],
  [
    "capabilities",
    { capAdd: ["net_admin", "CAP_NET_ADMIN", "chown"], capDrop: ["ALL", "kill"] },
    { container: { CapabilityAdd: ["CAP_CHOWN", "CAP_NET_ADMIN"], CapabilityDrop: ["ALL"] } },
  ],
  [
    "a capability that is added and dropped",
    { capAdd: ["kill"], capDrop: ["CAP_KILL", "chown"] },
    { container: { CapabilityAdd: ["CAP_KILL"], CapabilityDrop: ["CAP_CHOWN"] } },
  ],
  [
    "limits, sorted, with nothing as nothing",
    { ulimits: { nproc: { hard: -1, soft: 3 }, core: { hard: 0, soft: 0 } } },
    {
      container: {
        Ulimits: [
          { Name: "core", Hard: 0, Soft: 0 },
          { Name: "nproc", Hard: -1, Soft: 3 },
        ],
      },
    },
  ],
  ["kernel settings", { sysctls: { a: "" } }, { container: { Sysctls: { a: "" } } }],
  [
    "name servers",
    { dns: ["1.1.1.1"] },
    { container: { DNSConfig: { Nameservers: ["1.1.1.1"] } } },
  ],
  ["no name servers, but said", { dns: [] }, { container: { DNSConfig: {} } }],
  ["search domains", { dnsSearch: ["x"] }, { container: { DNSConfig: { Search: ["x"] } } }],
  [
    "hosts, without what has no address",
    { extraHosts: ["db:10.0.0.1", "six:::1", "nothing"] },
    { container: { Hosts: ["10.0.0.1 db", "::1 six"] } },
  ],
  [
    "a health check",
    {
      healthcheck: {
        test: ["CMD", "x"],
        intervalNs: 1,
        timeoutNs: 2,
        startPeriodNs: 3,
        startIntervalNs: 4,
        retries: 5,
      },
    },
    {
      container: {
        Healthcheck: {
          Test: ["CMD", "x"],
          Interval: 1,
          Timeout: 2,
          StartPeriod: 3,
          StartInterval: 4,
          Retries: 5,
        },
      },
    },
  ],
  ["an empty health check", { healthcheck: { intervalNs: 0 } }, { container: { Healthcheck: {} } }],
  [
    "a health check that is off",
    { healthcheck: { disable: true, intervalNs: 5 } },
    { container: { Healthcheck: { Test: ["NONE"] } } },
  ],
  ["logging", { logging: { driver: "x" } }, { task: { LogDriver: { Name: "x" } } }],
  ["empty logging", { logging: { options: {} } }, { task: { LogDriver: {} } }],
];

const RESTART: readonly Case[] = [
  ["no restart", { restart: "no" }, {}],
  ["restart always", { restart: "always" }, { task: { RestartPolicy: { Condition: "any" } } }],
  [
    "restart on failure",
    { restart: "on-failure:3" },
    { task: { RestartPolicy: { Condition: "on-failure", MaxAttempts: 3 } } },
  ],
  [
    "restart on failure without a count",
    { restart: "on-failure" },
    { task: { RestartPolicy: { Condition: "on-failure", MaxAttempts: 0 } } },
  ],
  [
    "the deploy section's policy instead",
    { restart: "nonsense", deploy: { restartPolicy: { maxAttempts: 0, delayNs: 0 } } },
    { task: { RestartPolicy: { MaxAttempts: 0, Delay: 0 } } },
  ],
];

const DEPLOY: readonly Case[] = [
  [
    "labels on the service, of which the stack's own win",
    { deploy: { labels: { x: "y", "com.docker.stack.image": "mine", ...NS } } },
    { spec: { Labels: { x: "y", ...NS, "com.docker.stack.image": "img:1" } } },
  ],
  ["no replicas", { deploy: { replicas: 0 } }, { spec: { Mode: { Replicated: { Replicas: 0 } } } }],
  ["global", { deploy: { mode: "global" } }, { spec: { Mode: { Global: {} } } }],
  ["a global job", { deploy: { mode: "global-job" } }, { spec: { Mode: { GlobalJob: {} } } }],
  [
    "a job",
    { deploy: { mode: "replicated-job", replicas: 2 } },
    { spec: { Mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 2 } } } },
  ],
  [
    "an empty update config",
    { deploy: { updateConfig: {} } },
    { spec: { UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, Order: "" } } },
  ],
  [
    "full update and rollback configs",
    {
      deploy: {
        updateConfig: { parallelism: 0, delayNs: 5, maxFailureRatio: 0.1 },
        rollbackConfig: {
          monitorNs: 7,
          failureAction: "continue",
          order: "start-first",
          maxFailureRatio: 0.123456789,
        },
      },
    },
    {
      spec: {
        UpdateConfig: { Parallelism: 0, Delay: 5, MaxFailureRatio: 0.1, Order: "" },
        RollbackConfig: {
          Parallelism: 1,
          Monitor: 7,
          FailureAction: "continue",
          MaxFailureRatio: 0.12345679,
          Order: "start-first",
        },
      },
    },
  ],
  [
    "resources",
    {
      deploy: {
        limits: { nanoCpus: 5_000_000, memoryBytes: 6_000_000, pids: 7 },
        reservations: { memoryBytes: 0, generic: [{ kind: "SSD", value: 3 }] },
      },
    },
    {
      task: {
        Resources: {
          Limits: { NanoCPUs: 5_000_000, MemoryBytes: 6_000_000, Pids: 7 },
          Reservations: {
            GenericResources: [{ DiscreteResourceSpec: { Kind: "SSD", Value: 3 } }],
          },
        },
      },
    },
  ],
  ["empty limits", { deploy: { limits: {} } }, { task: { Resources: { Limits: {} } } }],
  [
    "a placement",
    {
      deploy: {
        placement: { constraints: ["a == b"], preferences: [{ spread: "" }], maxReplicas: 2 },
      },
    },
    {
      task: {
        Placement: {
          Constraints: ["a == b"],
          Preferences: [{ Spread: { SpreadDescriptor: "" } }],
          MaxReplicas: 2,
        },
      },
    },
  ],
  [
    "an end point, its ports sorted",
    {
      deploy: { endpointMode: "DNSRR" },
      ports: [
        { target: 80, published: 90, protocol: "udp", mode: "host" },
        { target: 80, published: 90, protocol: "tcp", mode: "host" },
        { target: 81, mode: "host" },
      ],
    },
    {
      spec: {
        EndpointSpec: {
          Mode: "dnsrr",
          Ports: [
            { TargetPort: 81, PublishMode: "host" },
            { TargetPort: 80, PublishedPort: 90, Protocol: "tcp", PublishMode: "host" },
            { TargetPort: 80, PublishedPort: 90, Protocol: "udp", PublishMode: "host" },
          ],
        },
      },
    },
  ],
];

describe("the body of a service", () => {
  it.each([...CONTAINER, ...RESTART, ...DEPLOY])("has %s", (_title, service, parts) => {
    expect(objectsOf(modelWith(service)).services).toEqual({ s_a: serviceBody(parts) });
  });

  it("names the image in full but keeps the file's words in the label", () => {
    const body = objectsOf(modelWith({ image: "docker.io/library/nginx" })).services.s_a;
    expect(body).toMatchObject({
      Labels: { "com.docker.stack.image": "docker.io/library/nginx" },
      TaskTemplate: { ContainerSpec: { Image: "nginx:latest" } },
    });
  });
});

describe("a service is refused", () => {
  it.each<readonly [string, StackService, string]>([
    [
      "without an image",
      { image: "" },
      "image_missing services.a.image: invalid image reference for service a: no image specified",
    ],
    [
      "with an image that is no name",
      { image: "a b" },
      "image_invalid services.a.image: invalid image reference for service a: invalid reference format",
    ],
    [
      "in an unknown mode",
      { deploy: { mode: "Global" } },
      "mode_unknown services.a.deploy.mode: service a: Unknown mode: Global",
    ],
    [
      "with replicas of a global job",
      { deploy: { mode: "global-job", replicas: 0 } },
      "replicas_with_global services.a.deploy.replicas: service a: replicas can only be used with replicated or replicated-job mode",
    ],
    [
      "with a restart policy that is none",
      { restart: "sometimes:1" },
      "restart_policy_unknown services.a.restart: service a: unknown restart policy: sometimes:1",
    ],
    [
      "with a restart policy that has no name",
      { restart: ":1" },
      "restart_policy_unknown services.a.restart: service a: invalid restart policy format: no policy provided before colon",
    ],
    [
      "with a restart count that is no number",
      { restart: "on-failure:x" },
      "restart_policy_unknown services.a.restart: service a: invalid restart policy format: maximum retry count must be an integer",
    ],
    [
      "with a negative restart count",
      { restart: "on-failure:-1" },
      "restart_policy_unknown services.a.restart: service a: invalid restart policy format: maximum retry count must be an integer",
    ],
    [
      "with a health check both on and off",
      { healthcheck: { disable: true, test: ["CMD", "x"] } },
      "healthcheck_disabled_with_test services.a.healthcheck: service a: test and disable can't be set at the same time",
    ],
  ])("%s", (_title, service, problem) => {
    expect(problemsOf(modelWith(service))).toEqual([problem]);
  });
});
