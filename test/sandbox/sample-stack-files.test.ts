import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SAMPLES } from "../../sandbox/samples.ts";
import { checkGuard } from "../../src/guard/check-guard.ts";
import { DEFAULT_RULES } from "../../src/guard/rules.ts";
import { parseConfig } from "../../src/policy/config/config.ts";
import { draftStack } from "../../src/stack/draft.ts";

const FOLDER = join(import.meta.dirname, "../../sandbox", SAMPLES.stack.folder);
const URLS = { production: "http://guestbook.localhost", staging: "http://staging.localhost" };

function read(path: string): string {
  return readFileSync(join(FOLDER, path), "utf8");
}

function configOf() {
  const text = read(".github/skep.yml")
    .replace("{{production}}", URLS.production)
    .replace("{{staging}}", URLS.staging);
  const parsed = parseConfig({
    policyText: text,
    contentText: text,
    repositoryName: SAMPLES.stack.name,
    defaultBranch: "main",
    hasDockerfile: false,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

describe.each(["production", "staging"] as const)("the sample of a stack, in %s", (name) => {
  const environment = configOf().environments.find((one) => one.name === name);
  const stackName = environment?.stackName ?? "";
  const result = draftStack({
    stackName,
    files: [{ path: "stack.yml", text: read("stack.yml") }],
    appPath: ".",
    readFile: (path) => readFileSync(join(FOLDER, path)),
    variables: environment?.variables ?? {},
    serverKey: new Uint8Array(32),
    defaultNetwork: null,
  });
  const draft = result.ok ? result.draft : null;

  it("is accepted, and builds every service", () => {
    expect(result.ok ? [] : result.problems).toEqual([]);
    expect(draft?.services.map(({ key, build }) => [key, build?.context])).toEqual([
      ["api", "api"],
      ["cache", "cache"],
      ["db", "db"],
      ["web", "web"],
      ["worker", "worker"],
    ]);
  });

  it("needs no leave of the operator", () => {
    const request = { stackName, rules: DEFAULT_RULES, claimedHosts: new Map<string, string>() };
    expect(draft && checkGuard({ draft, ...request })).toEqual([]);
  });

  it("publishes the port at which the sandbox's proxy looks for it", () => {
    const ports = draft?.services.flatMap(({ spec }) => spec.EndpointSpec.Ports ?? []) ?? [];
    expect(ports.map(({ PublishedPort }) => `192.0.2.1:${PublishedPort}`)).toEqual([
      SAMPLES.stack.routes("192.0.2.1")[name],
    ]);
  });

  it("never runs two tasks that write the same file", () => {
    const db = draft?.services.find(({ key }) => key === "db");
    expect(db?.spec.UpdateConfig?.Order).toBe("stop-first");
  });
});
