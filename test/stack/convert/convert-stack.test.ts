import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConvertedStack, convertStack } from "../../../src/stack/convert/convert-stack.ts";
import type { StackModel, StackService } from "../../../src/stack/model.ts";
import { modelOf, problemsOf } from "./stack-model.ts";

/** Few keys, so that references meet their objects; among them the nasty ones. */
const key = fc.constantFrom("a", "b", "default", "host", "constructor", "__proto__", "\uFF5E", "");
const text = fc.oneof(key, fc.string({ unit: "binary" }));
const number = fc.oneof(fc.integer(), fc.double(), fc.constant(0));
const labels = fc.dictionary(text, text);

function some<T>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<
  Partial<T>
> {
  return fc.record<T>({ ...fields }, { requiredKeys: [] });
}

const network = some({
  name: text,
  isExternal: fc.boolean(),
  driver: text,
  driverOpts: labels,
  internal: fc.boolean(),
  labels,
  ipam: some({ driver: text, subnets: fc.array(text) }),
});
const volume = some({ name: text, isExternal: fc.boolean(), driver: text, driverOpts: labels });
const fileObject = some({
  name: text,
  isExternal: fc.boolean(),
  data: fc.uint8Array(),
  driver: text,
  templateDriver: text,
  labels,
});
const references = fc.array(
  fc.record(
    { source: text, target: text, uid: text, gid: text, mode: number },
    { requiredKeys: ["source"] },
  ),
);
const mounts = fc.array(
  fc.record(
    {
      type: fc.oneof(fc.constantFrom("volume", "bind", "tmpfs", "npipe", "cluster", "image"), text),
      target: text,
      source: text,
      bind: some({ propagation: text }),
      volume: some({ noCopy: fc.boolean(), subpath: text }),
      tmpfs: some({ sizeBytes: number }),
    },
    { requiredKeys: ["type", "target"] },
  ),
);
const updateConfig = some({ parallelism: number, delayNs: number, maxFailureRatio: number });
const wildService: fc.Arbitrary<StackService> = some({
  image: fc.oneof(fc.constant("img"), text),
  capAdd: fc.array(text),
  capDrop: fc.array(text),
  healthcheck: some({ test: fc.array(text), disable: fc.boolean(), retries: number }),
  restart: text,
  credentialSpec: some({ config: text, file: text, registry: text }),
  ports: fc.array(
    fc.record({ target: number, published: number, protocol: text }, { requiredKeys: ["target"] }),
  ),
  mounts,
  secrets: references,
  configs: references,
  networks: fc.dictionary(key, some({ aliases: fc.array(text), driverOpts: labels })),
  deploy: some({
    labels,
    endpointMode: text,
    updateConfig,
    rollbackConfig: updateConfig,
    restartPolicy: some({ condition: text, maxAttempts: number, windowNs: number }),
    limits: some({ nanoCpus: number, pids: number }),
    placement: some({ constraints: fc.array(text), maxReplicas: number }),
    mode: fc.oneof(fc.constantFrom("global", "replicated", "replicated-job", "global-job"), text),
    replicas: number,
  }),
});
const tameService: fc.Arbitrary<StackService> = some({
  command: fc.array(text),
  environment: fc.dictionary(text, fc.option(text)),
  capAdd: fc.array(text),
  ulimits: fc.dictionary(text, fc.record({ hard: number, soft: number })),
  extraHosts: fc.array(text),
  logging: some({ driver: text, options: labels }),
  labels,
  deploy: some({ labels, limits: some({ pids: number }), replicas: fc.nat() }),
}).map((fields) => ({ ...fields, image: "img" }));

const wildModel: fc.Arbitrary<StackModel> = fc.record({
  services: fc.dictionary(key, wildService),
  networks: fc.dictionary(key, network),
  volumes: fc.dictionary(key, volume),
  secrets: fc.dictionary(key, fileObject),
  configs: fc.dictionary(key, fileObject),
});
const tameModel: fc.Arbitrary<StackModel> = fc
  .dictionary(fc.constantFrom("a", "b", "host", "constructor", "valueOf"), tameService)
  .map((services) => modelOf({ services }));

/** The same model with every map's keys in the other order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(reversed);
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
    return value;
  }
  const entries = Object.entries(value).map(([name, inner]) => [name, reversed(inner)] as const);
  return Object.fromEntries(entries.reverse());
}

/** What becomes of a model, which must not depend on the order of its maps. */
function convertTwice(stack: StackModel, name: string, asCli: boolean): ConvertedStack {
  const converted = convertStack(stack, { name, asCli });
  expect(convertStack(reversed(stack) as StackModel, { name, asCli })).toEqual(converted);
  return converted;
}

describe("any model at all", () => {
  it("is converted or refused, never more, and the same whatever the order of its maps", () => {
    fc.assert(
      fc.property(wildModel, text, fc.boolean(), (stack, name, asCli) => {
        const converted = convertTwice(stack, name, asCli);
        expect(converted.ok ? "converted" : converted.problems[0]?.code).toMatch(/^\w+$/);
      }),
      { numRuns: 100 },
    );
  });

  it("is converted, each service of it, when nothing in it is wrong", () => {
    fc.assert(
      fc.property(tameModel, fc.boolean(), (stack, asCli) => {
        const converted = convertTwice(stack, "s", asCli);
        const services = Object.keys(stack.services).map((service) => `s_${service}`);
        expect(converted.ok && Object.keys(converted.objects.services).sort()).toEqual(
          services.sort(),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("a stack with several problems", () => {
  it("tells all of them, service by service", () => {
    const services = { b: {}, a: { image: "x", restart: "?" } };
    expect(problemsOf(modelOf({ services }))).toEqual([
      "restart_policy_unknown services.a.restart: service a: unknown restart policy: ?",
      "image_missing services.b.image: invalid image reference for service b: no image specified",
    ]);
  });
});
