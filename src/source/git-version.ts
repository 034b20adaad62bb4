import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SkepError } from "../errors.ts";

/** The oldest git that can be told to read no configuration but ours (`GIT_CONFIG_GLOBAL`). */
const OLDEST = [2, 32] as const;
const TIMEOUT_MS = 10_000;

/** Throws `settings_invalid`, with what to do, when there is no git or one that is too old. */
export async function checkGit(): Promise<void> {
  const [major, minor] = OLDEST;
  const nextStep = `Install git ${major}.${minor} or newer (Debian and Ubuntu: apt install git).`;
  const refuse = (reason: string, cause?: unknown): never => {
    throw new SkepError("settings_invalid", `looking for git: ${reason}`, { nextStep, cause });
  };
  const { stdout } = await promisify(execFile)("git", ["--version"], { timeout: TIMEOUT_MS }).catch(
    (error: NodeJS.ErrnoException) =>
      refuse(error.code === "ENOENT" ? "there is none on the PATH" : error.message, error),
  );
  const version = readGitVersion(stdout);
  if (version === null) refuse(`it says ${JSON.stringify(stdout.trim().slice(0, 80))}`);
  else if (version[0] < major || (version[0] === major && version[1] < minor))
    refuse(`it is version ${version[0]}.${version[1]}, which is too old`);
}

/** Major and minor number in what `git --version` says; null for other words. */
export function readGitVersion(text: string): readonly [number, number] | null {
  const [, major, minor] = /^git version (\d+)\.(\d+)/u.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}
