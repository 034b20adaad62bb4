import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { LEVELS } from "../../../src/policy/config/keys.ts";
import { parseConfig, type ParsedConfig } from "../../../src/policy/config/config.ts";

const text = readFileSync("docs/skep.example.yml", "utf8");

function parse(written: string): ParsedConfig {
  return parseConfig({
    policyText: written,
    contentText: written,
    repositoryName: "shop",
    defaultBranch: "main",
    hasDockerfile: true,
  });
}

/** Keys by the kind of mapping they stand in; `*` stands for a name or a position. */
function collectKeys(value: unknown, level: string, found: Map<string, Set<string>>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectKeys(item, `${level}.*`, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const known = level in LEVELS;
  if (known) found.set(level, new Set([...(found.get(level) ?? []), ...Object.keys(value)]));
  for (const [key, inner] of Object.entries(value)) {
    const step = known ? key : "*";
    const next = level === "" ? step : `${level}.${step}`;
    collectKeys(inner, next, found);
  }
}

describe("docs/skep.example.yml", () => {
  it("is a valid config without a doubt", () => {
    expect(parse(text)).toMatchObject({ ok: true, warnings: [] });
  });

  it("names the same keys as the schema, in each kind of mapping", () => {
    const found = new Map<string, Set<string>>();
    collectKeys(parseDocument(text).toJS(), "", found);
    // What cannot stand beside the rest stands in a comment of its own line.
    const inComments = [...text.matchAll(/^ *# (\w+): \S/gm)].map(([, key]) => key);
    expect([...found.keys()].toSorted()).toEqual(Object.keys(LEVELS).toSorted());
    for (const [level, { keys }] of Object.entries(LEVELS)) {
      const named = found.get(level) ?? new Set();
      const missing = keys.filter((key) => !named.has(key) && !inComments.includes(key));
      expect({ level, missing }).toEqual({ level, missing: [] });
    }
    expect(new Set(inComments)).toEqual(new Set(["path", "stack", "service"]));
  });

  it("shows a service that is valid in place of the stack, without a doubt", () => {
    // Each line of the comment, with the mark taken out.
    const [block = ""] = /^ {4}# service:\n(?: {4}#.*\n)+/m.exec(text) ?? [];
    const service = block.replaceAll(/^( {4})# ?/gm, "$1");
    const changed = text.replace(/^ {4}stack: .*$/m, "").replace(block, service);
    const parsed = parse(changed);
    expect(parsed).toMatchObject({
      ok: true,
      config: { app: { content: { kind: "service", place: ["apps", "shop", "service"] } } },
      warnings: [],
    });
  });
});
