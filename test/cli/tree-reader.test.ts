import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTreeReader, findTree } from "../../src/cli/tree-reader.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let root: TempDir;
let tree: string;

beforeEach(async () => {
  root = await makeTempDir();
  tree = join(root.path, "tree");
  await mkdir(join(tree, "stacks"), { recursive: true });
  await writeFile(join(root.path, "secret"), "outside");
  await writeFile(join(tree, "inside"), "inside");
  await symlink("../secret", join(tree, "out"));
  await symlink("inside", join(tree, "in"));
});

afterEach(() => root.remove());

const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();

describe("a file that a stack names", () => {
  it.each([
    ["inside", "inside"],
    ["in", "inside"],
    ["stacks/../inside", "inside"],
    ["../secret", null],
    ["stacks/../../secret", null],
    ["out", null],
    ["nowhere", null],
    ["stacks", null],
    ["", null],
    ["a\0b", null],
    ["/dev/null", null],
  ])("%j is read as %j", (path, expected) => {
    expect(text(createTreeReader(tree, tree)(path))).toBe(expected);
  });

  it("may lie anywhere where there is no root", () => {
    expect(text(createTreeReader(tree, null)("../secret"))).toBe("outside");
  });
});

describe("the tree of a folder", () => {
  it("is its Git checkout", async () => {
    await mkdir(join(tree, ".git"));
    expect(findTree(join(tree, "stacks"))).toBe(tree);
  });

  it("is the folder itself outside of any", () => {
    expect(findTree(join(tree, "stacks"))).toBe(join(tree, "stacks"));
  });
});
