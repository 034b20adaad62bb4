import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlannedService } from "../../../src/deployer/plan/stack-plan.ts";
import { waves } from "../../../src/deployer/plan/waves.ts";
import { aLiveService, aService, aSpec, type SpecChanges } from "./stacks.ts";

function planned(
  key: string,
  needs: readonly string[] = [],
  { before, after = {} }: { before?: SpecChanges; after?: SpecChanges } = {},
): PlannedService {
  const { spec, dependsOn } = aService(key, { ...after, needs });
  const live = before === undefined ? null : aLiveService(aSpec(key, before));
  return { kind: live === null ? "create" : "update", key, spec, live, dependsOn };
}

function keys(services: readonly PlannedService[]): string {
  return waves(services)
    .map((group) => group.map(({ key }) => key).join(" "))
    .join(" | ");
}

const PORT = { ports: [{ TargetPort: 80, PublishedPort: 80 }] };

describe("waves", () => {
  it.each<[string, readonly PlannedService[], string]>([
    ["nothing", [], ""],
    ["no needs, by name", [planned("b"), planned("a")], "a b"],
    ["a chain", [planned("a", ["b"]), planned("b", ["c"]), planned("c")], "c | b | a"],
    [
      "a diamond",
      [
        planned("a", ["b", "c"]),
        planned("b", ["d"]),
        planned("c", ["d"]),
        planned("d"),
        planned("e"),
      ],
      "d e | b c | a",
    ],
    ["a need of nobody, and of itself", [planned("a", ["a", "gone"])], "a"],
    ["a circle", [planned("a", ["b"]), planned("b", ["a"]), planned("c", ["b"])], "a | b | c"],
    [
      "a port that is handed over",
      [planned("a", [], { after: PORT }), planned("b", [], { before: PORT })],
      "b | a",
    ],
    [
      "a port that is handed over against what is needed",
      [planned("a", [], { after: PORT }), planned("b", ["a"], { before: PORT })],
      "a | b",
    ],
    [
      "a port that nobody gives up",
      [planned("a", [], { after: PORT }), planned("b", [], { before: PORT, after: PORT })],
      "a b",
    ],
  ])("orders %s", (_, services, expected) => {
    expect(keys(services)).toBe(expected);
  });

  it("puts each service once, after all that it needs, in any order given", () => {
    const anyStack = fc
      .array(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), { maxLength: 12 })
      .map((needs) =>
        needs.map((list, index) =>
          planned(
            `s${index}`,
            list.filter((each) => each < index).map((each) => `s${each}`),
          ),
        ),
      );
    fc.assert(
      fc.property(anyStack, (services) => {
        const groups = waves(services);
        expect(groups.flat()).toHaveLength(services.length);
        expect(new Set(groups.flat())).toEqual(new Set(services));
        const done = new Set<string>();
        for (const group of groups) {
          for (const { dependsOn } of group) {
            expect(dependsOn.filter(({ key }) => !done.has(key))).toEqual([]);
          }
          for (const { key } of group) done.add(key);
        }
        expect(keys(services.toReversed())).toBe(keys(services));
      }),
    );
  });
});
