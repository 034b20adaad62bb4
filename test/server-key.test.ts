import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRandomIds } from "../src/ids.ts";
import { openServerKey } from "../src/server-key.ts";
import { makeTempDir } from "./support/temp-dir.ts";

const ids = createRandomIds(() => 0);
let dir: Awaited<ReturnType<typeof makeTempDir>>;
beforeEach(async () => void (dir = await makeTempDir()));
afterEach(async () => dir.remove());

it("is made once, for its owner alone, and stays", async () => {
  const key = await openServerKey(dir.path, ids);
  expect(key).toHaveLength(32);
  expect(await openServerKey(dir.path, ids)).toEqual(key);
  const { mode } = await stat(join(dir.path, "server.key"));
  expect(mode & 0o777).toBe(0o600);
});

it("is made anew where a start was cut short", async () => {
  await writeFile(join(dir.path, "server.key.new"), "half a ke");
  const key = await openServerKey(dir.path, ids);
  const kept = await readFile(join(dir.path, "server.key"), "utf8");
  expect(kept.trim()).toBe(Buffer.from(key).toString("hex"));
});

it("refuses a damaged file and leaves it alone", async () => {
  await writeFile(join(dir.path, "server.key"), "half a ke");
  await expect(openServerKey(dir.path, ids)).rejects.toMatchObject({
    code: "settings_invalid",
    nextStep: expect.stringContaining("backup"),
  });
  expect(await readFile(join(dir.path, "server.key"), "utf8")).toBe("half a ke");
});
