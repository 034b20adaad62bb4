import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { resolveUpdateConfig } from "../../../src/deployer/compose/defaults.ts";
import { LEVELS } from "../../../src/policy/config/keys.ts";
import { parseConfig } from "../../../src/policy/config/config.ts";

const text = readFileSync("docs/skep.example.yml", "utf8");

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
    collectKeys(inner, next.replace(/^apps\.\*\.service/, "service"), found);
  }
}

describe("docs/skep.example.yml", () => {
  it("is a valid config without a doubt", () => {
    const parsed = parseConfig({
      policyText: text,
      contentText: text,
      repositoryName: "shop",
      defaultBranch: "main",
      hasDockerfile: true,
    });
    expect(parsed).toMatchObject({ ok: true, warnings: [] });
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
    expect(new Set(inComments)).toEqual(new Set(["image", "disable", "path", "service"]));
  });

  it("shows Skep's own defaults as they are", () => {
    const silent = text.replace(/ {8}update_config:[\s\S]*?(?= {8}restart_policy:)/, "");
    expect(silent).not.toContain("update_config");
    const [written, silentConfig] = [text, silent].map((contentText) =>
      parseConfig({
        policyText: contentText,
        contentText,
        repositoryName: "shop",
        defaultBranch: "main",
        hasDockerfile: true,
      }),
    );
    if (!written?.ok || !silentConfig?.ok) throw new Error("the example does not parse");
    expect(resolveUpdateConfig(silentConfig.config.app.service)).toEqual(
      resolveUpdateConfig(written.config.app.service),
    );
  });
});
