import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The id that stands for "no commit" in pushes that create or delete a ref. */
export const zeroSha = "0".repeat(40);

/** The environment of every git process: nothing of the user's own configuration reaches it. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C.UTF-8",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** What a git process may get besides its arguments. */
export interface GitInput {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs git in a bare repository and returns what it printed, as bytes; throws with git's own words. */
export async function gitBytes(
  directory: string,
  args: readonly string[],
  input: GitInput = {},
): Promise<Buffer> {
  const running = run("git", ["-C", directory, ...args], {
    encoding: "buffer",
    env: { ...gitEnvironment, ...input.env },
    maxBuffer: 512 * 1024 * 1024,
  });
  running.child.stdin?.on("error", () => {});
  running.child.stdin?.end(input.stdin ?? "");
  return (await running).stdout;
}

/** Runs git in a bare repository and returns what it printed, as text. */
export async function git(
  directory: string,
  args: readonly string[],
  input: GitInput = {},
): Promise<string> {
  return (await gitBytes(directory, args, input)).toString("utf8");
}

/** Makes a bare repository that serves any commit by its id, as GitHub does. */
export async function initBareRepository(directory: string, branch: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await git(directory, ["init", "--quiet", "--bare", `--initial-branch=${branch}`, "."]);
  const settings = {
    "http.receivepack": "true",
    // Only the server itself moves the refs of pull requests.
    "receive.hideRefs": "refs/pull",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "core.logAllRefUpdates": "false",
  };
  for (const [name, value] of Object.entries(settings))
    await git(directory, ["config", name, value]);
}

/** Every branch and tag with the object it points to (for a tag object: the tag's own id). */
export async function readRefs(directory: string): Promise<Map<string, string>> {
  const text = await git(directory, [
    "for-each-ref",
    "--format=%(objectname) %(refname)",
    "refs/heads",
    "refs/tags",
  ]);
  const lines = text.split("\n").filter(Boolean);
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** The commit that a branch, tag or (short) id names; undefined when there is none. Branches win over tags. */
export async function resolveCommit(directory: string, ref: string): Promise<string | undefined> {
  const names = /^[0-9a-f]{40}$/.test(ref)
    ? [ref]
    : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref.replace(/^refs\//, "")}`];
  if (/^[0-9a-f]{7,39}$/.test(ref)) names.push(ref);
  for (const name of names) {
    // What forks hold can be asked for by its id only.
    if (name.startsWith("refs/network/")) continue;
    const found = await tryGit(directory, [
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${name}^{commit}`,
    ]);
    if (found) return found.trim();
  }
  return undefined;
}

/** Runs git; undefined when it fails. For questions whose "no" is an exit code. */
export async function tryGit(
  directory: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    return await git(directory, args);
  } catch {
    return undefined;
  }
}
