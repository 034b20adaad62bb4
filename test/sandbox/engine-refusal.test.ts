import { execFile } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startEngine } from "../../sandbox/engine/engine.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const STARTER = join(import.meta.dirname, "../support/engine-starter.ts");
let root: TempDir;

beforeEach(async () => {
  root = await makeTempDir();
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await root.remove();
});

test("a folder that holds something is refused and left as it is", async () => {
  await writeFile(join(root.path, "precious"), "");
  await expect(startEngine({ dir: root.path, name: "full" })).rejects.toThrow(
    /the folder is not empty: choose another one/u,
  );
  expect(await readdir(root.path)).toEqual(["precious"]);
});

test("a folder too deep for a socket is refused by name", async () => {
  const dir = join(root.path, "d".repeat(100));
  await expect(startEngine({ dir, name: "deep" })).rejects.toThrow(/too long for a socket/u);
});

test("a user who cannot become root is told what to do", async () => {
  vi.spyOn(process, "getuid").mockReturnValue(1000);
  vi.stubEnv("PATH", root.path);
  await expect(startEngine({ dir: join(root.path, "engine"), name: "user" })).rejects.toThrow(
    /needs root: run this as root, or as a user whose sudo does not ask/u,
  );
});

test("root without the right to make namespaces is told so, and nothing is left", async () => {
  const dir = join(root.path, "engine");
  const args = ["--bounding-set", "-sys_admin", process.execPath, STARTER, dir];
  const { stdout } = await promisify(execFile)("setpriv", args);
  expect(JSON.parse(stdout)).toEqual({
    error: expect.stringMatching(/does not let even root make namespaces and mounts/u),
  });
  expect(await readdir(root.path)).toEqual([]);
});

test("an engine that ends while starting is reported with its own last words", async () => {
  const dockerd = join(root.path, "dockerd");
  const words = 'level=info msg="Starting up"\nfailed to start daemon: no space left on device';
  await writeFile(dockerd, `#!/bin/sh\necho '${words}'\nexit 1\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${root.path}:${process.env.PATH}`);
  const attempt = startEngine({ dir: join(root.path, "engine"), name: "broken" });
  await expect(attempt).rejects.toThrow(
    /^starting a private Docker Engine: failed to start daemon: no space left on device$/u,
  );
  expect(await readdir(root.path)).toEqual(["dockerd"]);
});
