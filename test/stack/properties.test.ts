import fc from "fast-check";
import { expect, it } from "vitest";
import type { StackService } from "../../src/stack/model.ts";
import type { FilePart } from "../../src/stack/load/load-file.ts";
import { mergeParts } from "../../src/stack/load/merge-parts.ts";
import { rootAt } from "../../src/stack/load/report.ts";
import { accepted, draftOf } from "./draft-case.ts";

const NAMES = fc.constantFrom("a", "b", "c", "d", "e");
const TEXTS = fc.constantFrom("x", "y", "z", "1.10", "");
const PAIRS = fc.dictionary(NAMES, TEXTS, { maxKeys: 4 });

const SERVICE = fc.record(
  {
    environment: PAIRS,
    labels: PAIRS,
    command: fc.array(TEXTS, { maxLength: 3 }),
    user: TEXTS,
    deploy: fc.record({ replicas: fc.nat(5), labels: PAIRS }, { requiredKeys: [] }),
    networks: fc.dictionary(NAMES, fc.constant({}), { minKeys: 1, maxKeys: 3 }),
    volumes: fc.uniqueArray(NAMES, { maxLength: 3 }).map((all) => all.map((n) => `v:/${n}`)),
    configs: fc.uniqueArray(NAMES, { maxLength: 3 }),
    extra_hosts: fc.dictionary(NAMES, fc.constant("192.0.2.1"), { maxKeys: 3 }),
    sysctls: PAIRS,
  },
  { requiredKeys: [] },
);

const STACK = fc.dictionary(NAMES, SERVICE, { minKeys: 1, maxKeys: 4 }).map((services) => ({
  services: Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, { image: "img:1", ...service }]),
  ),
  networks: { a: {}, b: {}, c: {}, d: { driver: "overlay" }, e: {} },
  volumes: { v: { labels: { one: "1", two: "2" } } },
  configs: Object.fromEntries(["a", "b", "c", "d", "e"].map((n) => [n, { file: `${n}.conf` }])),
}));

/** The same with every mapping turned round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries: readonly [string, unknown][] = Object.entries(value);
  return Object.fromEntries(entries.toReversed().map(([key, each]) => [key, reversed(each)]));
}

it("a stack is the same in whatever order its mappings are written", () => {
  const contents = Object.fromEntries(["a", "b", "c", "d", "e"].map((n) => [`${n}.conf`, n]));
  const read = (stack: unknown) => {
    return accepted(draftOf(JSON.stringify(stack), { contents })).draft;
  };
  fc.assert(
    fc.property(STACK, (stack) => {
      // Lists must have the same order: another one restarts tasks. That of a mapping says nothing to the engine.
      expect(read(reversed(stack))).toEqual(read(stack));
    }),
  );
});

const PART: fc.Arbitrary<FilePart> = fc
  .dictionary(
    NAMES,
    fc.record(
      {
        image: fc.constantFrom("x", "y"),
        user: TEXTS,
        environment: PAIRS,
        labels: PAIRS,
        command: fc.array(TEXTS, { maxLength: 2 }),
        sysctls: PAIRS,
        deploy: fc.record({ replicas: fc.nat(3), labels: PAIRS }, { requiredKeys: [] }),
      } satisfies { readonly [K in keyof StackService]?: fc.Arbitrary<unknown> },
      { requiredKeys: [] },
    ),
    { maxKeys: 3 },
  )
  .map((services) => ({ services, networks: {}, volumes: {}, secrets: {}, configs: {} }));

it("three files merge to the same, whichever two are merged first", () => {
  const use = { asCli: false, at: rootAt({ problems: [], notes: [] }) };
  const merge = (one: FilePart, other: FilePart): FilePart => mergeParts(one, other, use);
  fc.assert(
    fc.property(PART, PART, PART, (a, b, c) => {
      expect(merge(a, merge(b, c))).toEqual(merge(merge(a, b), c));
    }),
  );
});
