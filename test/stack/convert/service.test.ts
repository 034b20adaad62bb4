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

describe("the body of a service", () => {
  it.each(CONTAINER)("has %s", (_title, service, parts) => {
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
