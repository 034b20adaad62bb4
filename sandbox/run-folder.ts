import { mkdir, mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { cleanStale } from "./engine/clean-stale.ts";
import { readProcess } from "./engine/record.ts";

/** The folder of one run of the sandbox. */
export interface RunFolder {
  readonly path: string;
  /** Deletes it, and the folder of all runs when no other run is in it. */
  remove(): Promise<void>;
}

/**
 * Makes a folder for this run in the folder of all runs. Removes first what runs that were killed left there, and
 * leaves alone those that go on: a folder's name says whose it is.
 */
export async function openRunFolder(root: string): Promise<RunFolder> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const name of await readdir(root)) await removeStale(root, name);
  const identity = ((await readProcess("self")) ?? "").replace(":", "-");
  const path = await mkdtemp(join(root, `run-${identity}-`));
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      await rmdir(root).catch(() => undefined);
    },
  };
}

async function removeStale(root: string, name: string): Promise<void> {
  const [, pid, startTime] = /^run-(\d+)-(\d+)-/u.exec(name) ?? [];
  if (pid === undefined || (await readProcess(Number(pid))) === `${pid}:${startTime}`) return;
  const path = join(root, name);
  await cleanStale(path);
  await rm(path, { recursive: true, force: true });
}
