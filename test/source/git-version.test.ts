import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkGit, readGitVersion } from "../../src/source/git-version.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

it.each([
  ["git version 2.39.5\n", [2, 39]],
  ["git version 2.32.0.windows.1", [2, 32]],
  ["git version 3.0", [3, 0]],
  ["hub version 2.14", null],
  ["", null],
])("reads %j", (text, version) => {
  expect(readGitVersion(text)).toEqual(version);
});

describe("at the start", () => {
  const path = process.env["PATH"];
  let dir: TempDir;

  beforeEach(async () => {
    dir = await makeTempDir();
  });
  afterEach(async () => {
    process.env["PATH"] = path;
    await dir.remove();
  });

  async function withGitThatSays(version: string): Promise<void> {
    const file = join(dir.path, "git");
    await writeFile(file, `#!/bin/sh\necho '${version}'\n`);
    await chmod(file, 0o755);
    process.env["PATH"] = dir.path;
  }

  it("this machine's git is taken", async () => {
    await expect(checkGit()).resolves.toBeUndefined();
  });

  it.each([
    ["git version 2.31.9", "looking for git: it is version 2.31, which is too old"],
    ["something else", 'looking for git: it says "something else"'],
  ])("one that says %j is refused, with what to do", async (says, message) => {
    await withGitThatSays(says);
    const nextStep = "Install git 2.32 or newer (Debian and Ubuntu: apt install git).";
    await expect(checkGit()).rejects.toMatchObject({ code: "settings_invalid", message, nextStep });
  });

  it("none at all is said so", async () => {
    process.env["PATH"] = dir.path;
    const message = "looking for git: there is none on the PATH";
    await expect(checkGit()).rejects.toMatchObject({ code: "settings_invalid", message });
  });
});
