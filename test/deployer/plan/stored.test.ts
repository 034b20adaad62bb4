import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { diffSpecs } from "../../../src/deployer/plan/spec-diff.ts";
import { flattenSpec } from "../../../src/deployer/plan/spec-normal-form.ts";
import { REAL_CASES, RULE_CASES } from "../../stack/cases.ts";
import {
  clusterOf,
  readRecorded,
  RECORDED_STACK,
  releaseOf,
  type RecordedStack,
} from "./recorded.ts";
import { plan } from "./stacks.ts";

const RULES = readRecorded(join(RULE_CASES, "expected"), join(RULE_CASES, "stored"));
// Files of other people, which are there only where the corpus is.
const real = join(REAL_CASES, "expected");
const REAL = existsSync(real) ? readRecorded(real, real) : [];

describe("what the engine stored of what the CLI sent", () => {
  it("is there for the rules", () => {
    expect(RULES.length).toBeGreaterThan(90);
  });

  it("is no difference, in either direction", () => {
    const differing = [...RULES, ...REAL].flatMap(({ name, sent, stored }) =>
      Object.entries(sent.services).flatMap(([service, spec]) => {
        const live = stored.services[service];
        if (live === undefined) return [`${name} ${service}: not stored`];
        const changes = [...diffSpecs(live, spec), ...diffSpecs(spec, live)];
        return changes.map(({ text }) => `${name} ${service} ${text}`);
      }),
    );
    expect(differing).toEqual([]);
  });

  it("leads to a plan that touches no service and no network", () => {
    const touched = [...RULES, ...REAL].flatMap(({ name, sent, stored }) => {
      const planned = plan(releaseOf(sent), clusterOf(stored), RECORDED_STACK);
      const changed = [...planned.networks, ...planned.services].filter(
        ({ kind }) => kind !== "keep",
      );
      const told = planned.operations.filter(
        ({ kind, target, risks }) =>
          target.startsWith("network ") && (kind !== "keep" || risks.length > 0),
      );
      return [
        ...changed.map(({ spec }) => `${name} ${spec.Name}`),
        ...told.map(({ target }) => target),
      ];
    });
    expect(touched).toEqual([]);
  });

  it("tells apart whatever was stored differently", () => {
    // Specs of one service alone, under one name, with whatever the engine ignores left out by hand.
    const specs = RULES.flatMap(({ name, stored }) => single(name, stored.services));
    const byForm = Map.groupBy(specs, ({ form }) => form);
    const wrong = [...byForm.values()].flatMap((group) => {
      const texts = new Set(group.map(({ text }) => text));
      return texts.size > 1 ? [group.map(({ name }) => name)] : [];
    });
    expect(wrong).toEqual([]);
  });
});

function single(
  name: string,
  services: RecordedStack["stored"]["services"],
): { name: string; form: string; text: string }[] {
  return Object.values(services).map((spec) => {
    const { "com.docker.stack.image": _, ...Labels } = spec.Labels;
    // An empty driver is no driver.
    const text = JSON.stringify({ ...spec, Labels }).replaceAll('"DriverConfig":{},', "");
    return { name, form: [...flattenSpec(spec)].map(String).toSorted().join("\n"), text };
  });
}
