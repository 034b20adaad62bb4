import fc from "fast-check";
import type { ReleaseFile, ReleaseService, ReleaseStack } from "../../../src/release.ts";
import type { ServiceMode } from "../../../src/swarm-objects.ts";
import { aFile, aNetwork, aRelease, aService } from "./stacks.ts";

const KEYS = ["api", "cache", "db", "web", "worker"] as const;
const FILE_KEYS = ["a", "b", "c"] as const;

const anyMode: fc.Arbitrary<ServiceMode> = fc.oneof(
  fc.record({ Replicated: fc.record({ Replicas: fc.nat({ max: 3 }) }, { requiredKeys: [] }) }),
  fc.constant({ Global: {} }),
  fc.record({
    ReplicatedJob: fc.record(
      { MaxConcurrent: fc.integer({ min: 1, max: 3 }), TotalCompletions: fc.nat({ max: 3 }) },
      { requiredKeys: [] },
    ),
  }),
  fc.constant({ GlobalJob: {} }),
);

const anyVariables = fc
  .dictionary(fc.stringMatching(/^[A-Z_]{1,6}$/), fc.string(), {
    noNullPrototype: true,
    maxKeys: 4,
  })
  .map((map) => Object.entries(map).map(([name, value]) => `${name}=${value}`));

const anyPorts = fc.uniqueArray(
  fc.record({
    TargetPort: fc.integer({ min: 1, max: 99 }),
    PublishedPort: fc.integer({ min: 1, max: 20 }),
  }),
  { selector: ({ PublishedPort }) => PublishedPort, maxLength: 3 },
);

const anyMounts = fc.uniqueArray(
  fc.record({
    Type: fc.constantFrom("volume", "bind", "tmpfs"),
    Source: fc.constantFrom("shop_data", "/srv", ""),
    Target: fc.constantFrom("/a", "/b", "/c"),
    ReadOnly: fc.boolean(),
  }),
  { selector: ({ Target }) => Target, maxLength: 3 },
);

const anyReferences = fc.subarray([...FILE_KEYS]);
const anyNames = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), {
  noNullPrototype: true,
  maxKeys: 3,
});

const anyService = (key: string): fc.Arbitrary<ReleaseService> =>
  fc
    .record({
      mode: anyMode,
      labels: anyNames,
      ports: anyPorts,
      Env: anyVariables,
      Mounts: anyMounts,
      configs: anyReferences,
      secrets: anyReferences,
      init: fc.option(fc.boolean()),
      ratio: fc.double({ min: 0, max: 1, noNaN: true }),
      grace: fc.option(fc.nat()),
      healthcheck: fc.option(fc.record({ Retries: fc.nat({ max: 2 }) }, { requiredKeys: [] })),
      options: fc.option(anyNames),
      limits: fc.option(
        fc.record({ NanoCPUs: fc.nat(), Pids: fc.nat({ max: 1 }) }, { requiredKeys: [] }),
      ),
      needs: fc.subarray([...KEYS]),
    })
    .map((any) =>
      aService(key, {
        mode: any.mode,
        labels: any.labels,
        ports: any.ports,
        needs: any.needs,
        update: {
          Parallelism: 1,
          Delay: 0,
          FailureAction: "pause",
          MaxFailureRatio: any.ratio,
          Order: "stop-first",
        },
        container: {
          Env: any.Env,
          Mounts: any.Mounts,
          Configs: any.configs.map((name) => ({ ConfigName: `shop_${name}`, File: file(name) })),
          Secrets: any.secrets.map((name) => ({ SecretName: `shop_${name}`, File: file(name) })),
          ...(any.init !== null && { Init: any.init }),
          ...(any.grace !== null && { StopGracePeriod: any.grace }),
          ...(any.healthcheck !== null && { Healthcheck: any.healthcheck }),
        },
        task: {
          ...(any.options !== null && { LogDriver: { Name: "local", Options: any.options } }),
          ...(any.limits !== null && { Resources: { Limits: any.limits } }),
        },
      }),
    );

function file(Name: string) {
  return { Name, UID: "0", GID: "0", Mode: 0o444 };
}

const anyFiles: fc.Arbitrary<readonly ReleaseFile[]> = fc
  .tuple(...FILE_KEYS.map(() => fc.constantFrom("one", "two", "three")))
  .map((texts) =>
    FILE_KEYS.map((key, index) => aFile(key, texts[index] ?? "", { path: texts[index] ?? "" })),
  );

/** The contents of the files of any release, by their path. */
export const ANY_TEXTS: ReadonlyMap<string, string> = new Map(
  ["one", "two", "three"].map((text) => [text, text]),
);

/** A stack of up to five services with three configs, three secrets and some networks. */
export const anyRelease: fc.Arbitrary<ReleaseStack> = fc
  .record({
    services: fc
      .subarray([...KEYS])
      .chain((keys) => fc.tuple(...keys.map((key) => anyService(key)))),
    networks: fc
      .subarray(["default", "back"])
      .map((names) => names.map((name) => aNetwork(name, { Attachable: name === "back" }))),
    configs: anyFiles,
    secrets: anyFiles,
  })
  .map((parts) => aRelease(parts));
