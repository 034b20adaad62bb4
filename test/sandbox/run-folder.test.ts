import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRunFolder } from "../../sandbox/run-folder.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;
let root: string;

beforeEach(async () => {
  dir = await makeTempDir();
  root = join(dir.path, "runs");
});
afterEach(() => dir.remove());

test("a run leaves nothing, not even the folder of all runs", async () => {
  const folder = await openRunFolder(root);
  await writeFile(join(folder.path, "file"), "");
  await folder.remove();
  expect(await readdir(dir.path)).toEqual([]);
});

test("runs at the same time leave each other alone", async () => {
  const first = await openRunFolder(root);
  const second = await openRunFolder(root);
  await first.remove();
  expect(await readdir(root)).toEqual([second.path.slice(root.length + 1)]);
});

test("what a killed run left is removed, and nobody else's folder", async () => {
  // Process 1 runs, but did not start in the first tick after the machine.
  for (const name of ["run-1-1-abcdef", "run-999999999-5-abcdef", "mine"])
    await mkdir(join(root, name, "engine"), { recursive: true });
  const folder = await openRunFolder(root);
  expect((await readdir(root)).toSorted()).toEqual(["mine", folder.path.slice(root.length + 1)]);
});
