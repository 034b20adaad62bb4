import { expect, it } from "vitest";
import { parseConfig } from "../../../src/policy/config/config.ts";
import { watchedPaths } from "../../../src/policy/config/watched-paths.ts";

function pathsOf(text: string, environment?: string): readonly string[] {
  const parsed = parseConfig({
    policyText: text,
    contentText: text,
    repositoryName: "shop",
    defaultBranch: "main",
    hasDockerfile: true,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return watchedPaths(parsed.config, environment);
}

it.each<[string, string, readonly string[]]>([
  ["everything, without a file", "", ["."]],
  ["the app's folder", "path: api", ["api"]],
  ["the whole repository, where stack files lie as well", "stack: deploy/a.yml", ["."]],
  [
    "stack files elsewhere",
    "path: api\nstack: [api/a.yml, api2/b.yml, c.yml]",
    ["api", "api2/b.yml", "c.yml"],
  ],
])("a change deploys in %s", (_, text, paths) => {
  expect(pathsOf(text)).toEqual(paths);
  expect(pathsOf(text, "production")).toEqual(paths);
});

it("an environment with stack files of its own is not deployed by those of others", () => {
  const text =
    "path: api\nstack: a.yml\nenvironments: {x: , y: {stack: [a.yml, y.yml]}, z: {stack: z.yml}}";
  expect(pathsOf(text, "x")).toEqual(["api", "a.yml"]);
  expect(pathsOf(text, "y")).toEqual(["api", "a.yml", "y.yml"]);
  expect(pathsOf(text, "z")).toEqual(["api", "z.yml"]);
  expect(pathsOf(text)).toEqual(["api", "a.yml", "y.yml", "z.yml"]);
});
