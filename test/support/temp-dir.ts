import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder for one test or file. */
export interface TempDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a folder only this user can enter, under the system's temporary folder. */
export async function makeTempDir(): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "skep-test-")));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
