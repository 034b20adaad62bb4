import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../src/errors.ts";
import { codeOnly, readSourceFiles } from "./support/source-files.ts";

const FILES = readSourceFiles("src");
const WIRING = ["src/main.ts", "src/skep.ts", "src/app.ts", "src/env.ts"];

function folderOf(path: string): string {
  const parts = path.split("/");
  return parts.length > 2 ? (parts[1] ?? "") : "";
}

/** `<file> imports <target>` for each import that the rule forbids. */
function violations(isForbidden: (file: string, target: string) => boolean): string[] {
  return FILES.flatMap(({ path, imports }) =>
    imports
      .filter((target) => isForbidden(path, target))
      .map((target) => `${path} imports ${target}`),
  );
}

describe("imports", () => {
  it("finds the files and their imports", () => {
    expect(FILES.length).toBeGreaterThan(40);
    const runner = FILES.find(({ path }) => path === "src/deployer/runner.ts");
    expect(runner?.imports).toContain("src/deployer/machine.ts");
  });

  it("keeps handlers, deployer and checks apart", () => {
    const apart = ["handlers", "deployer", "checks"];
    const rule = (file: string, target: string): boolean =>
      apart.includes(folderOf(file)) &&
      apart.includes(folderOf(target)) &&
      target.startsWith("src/") &&
      folderOf(file) !== folderOf(target);
    expect(violations(rule)).toEqual([]);
  });

  it("keeps the vocabulary in the root free of the folders", () => {
    const rule = (file: string, target: string): boolean =>
      folderOf(file) === "" &&
      !WIRING.includes(file) &&
      target.startsWith("src/") &&
      folderOf(target) !== "";
    expect(violations(rule)).toEqual([]);
  });

  it("keeps the grammar of commands apart from what is done with them", () => {
    const users = ["commands", "handlers", "policy", "checks"];
    const rule = (file: string, target: string): boolean =>
      (folderOf(file) === "commands" &&
        !target.startsWith("src/commands/") &&
        (!target.startsWith("src/") || folderOf(target) !== "")) ||
      (target.startsWith("src/commands/") &&
        !users.includes(folderOf(file)) &&
        !WIRING.includes(file));
    expect(violations(rule)).toEqual([]);
    expect(FILES.some(({ path }) => folderOf(path) === "commands")).toBe(true);
  });

  it.each([
    ["dockerode", ["src/deployer/docker/"]],
    ["protobufjs", ["src/deployer/docker/"]],
    ["bull", ["src/queue/"]],
    ["ioredis", ["src/queue/"]],
    ["kysely", ["src/store/"]],
    ["node:sqlite", ["src/store/", "src/logs/"]],
    ["@octokit/rest", ["src/github/", "src/checks/"]],
    ["probot", ["src/app.ts", "src/handlers/", "src/web/setup/"]],
    ["hono", ["src/web/"]],
  ])("lets %s be imported in one place only", (name, homes) => {
    const rule = (file: string, target: string): boolean =>
      (target === name || target.startsWith(`${name}/`)) &&
      !homes.some((home) => file.startsWith(home));
    expect(violations(rule)).toEqual([]);
    expect(FILES.some(({ imports }) => imports.some((target) => target.startsWith(name)))).toBe(
      true,
    );
  });

  it("keeps Docker out of reach of the web and the handlers", () => {
    const rule = (file: string, target: string): boolean =>
      ["web", "handlers", "policy"].includes(folderOf(file)) &&
      target.startsWith("src/deployer/docker/");
    expect(violations(rule)).toEqual([]);
  });

  it("never imports the sandbox or a test", () => {
    expect(violations((_, target) => /^(sandbox|test|bench)\//.test(target))).toEqual([]);
  });

  it("has no cycles", () => {
    const byPath = new Map(FILES.map((file) => [file.path, file]));
    const done = new Set<string>();
    const cycles: string[] = [];
    function visit(path: string, trail: readonly string[]): void {
      if (trail.includes(path))
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      if (trail.includes(path) || done.has(path)) return;
      for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path]);
      done.add(path);
    }
    for (const { path } of FILES) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe("code", () => {
  it("takes time and chance only from their adapters", () => {
    const forbidden =
      /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(|\bAbortSignal\.timeout\(|\bperformance\.now\(/;
    const offenders = FILES.filter(({ path }) => !["src/clock.ts", "src/ids.ts"].includes(path))
      .filter(({ text }) => forbidden.test(codeOnly(text)))
      .map(({ path }) => path);
    expect(offenders).toEqual([]);
  });

  it("keeps files short", () => {
    const all = [...FILES, ...readSourceFiles("sandbox"), ...readSourceFiles("bench")];
    const long = all.filter(({ text }) => text.split("\n").length > 300).map(({ path }) => path);
    expect(long).toEqual([]);
  });
});

describe("docs", () => {
  it("explain every error code, and no other", () => {
    const page = readFileSync("docs/errors.md", "utf8");
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
    expect(new Set(rows)).toEqual(new Set(ERROR_CODES));
    expect(rows).toHaveLength(ERROR_CODES.length);
  });
});
