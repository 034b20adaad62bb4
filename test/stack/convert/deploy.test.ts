import { describe, expect, it } from "vitest";
import type { StackService } from "../../../src/stack/model.ts";
import { modelWith, objectsOf, serviceBody } from "./stack-model.ts";

const NS = { "com.docker.stack.namespace": "s" };

/** What the file says of a service, and what the body has besides the smallest. */
type Case = readonly [string, StackService, Parameters<typeof serviceBody>[0]];

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
  it.each([...RESTART, ...DEPLOY])("has %s", (_title, service, parts) => {
    expect(objectsOf(modelWith(service)).services).toEqual({ s_a: serviceBody(parts) });
  });
});
