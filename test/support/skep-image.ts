import { execFile } from "node:child_process";
import { copyFile, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import type Docker from "dockerode";
import { findProgram } from "../../sandbox/engine/privilege.ts";
import { importImage } from "../../sandbox/image/base-image.ts";
import { packRoot } from "../../sandbox/image/pack-root.ts";
import type { RootFile } from "../../sandbox/image/root-files.ts";
import { parseDockerignore } from "../../src/source/dockerignore.ts";
import { listDebianFiles } from "./debian-root.ts";
import { listTree } from "./root-tree.ts";
import { makeTempDir } from "./temp-dir.ts";

const run = promisify(execFile);
const PROJECT = join(import.meta.dirname, "../..");
const LOCKED = ["package.json", "package-lock.json"];
const SLIM_DEBIAN = ["bash", "coreutils", "dash", "findutils", "grep", "sed", "libstdc++6"];
const NEEDED_BY_SKEP = ["ca-certificates", "git", "redis-server", "tini"];

/**
 * Loads a base for Skep's image: Debian's packages and npm as this machine has them, the Node that runs this, and
 * npm's cache with all that the lockfile asks for, so that a build on it needs no network.
 */
export async function importSkepBase(docker: Docker, name: string): Promise<void> {
  const dir = await makeTempDir();
  try {
    const [debian, npm, registry] = await Promise.all([
      listDebianFiles([...SLIM_DEBIAN, ...NEEDED_BY_SKEP]),
      listNpm(),
      run("npm", ["config", "get", "registry"]),
      fillCache(dir.path),
    ]);
    const node = await listTree(await realpath(process.execPath), "usr/local/bin/node");
    const cache = await listTree(join(dir.path, "cache"), "var/cache/npm");
    const settings = `npm_config_cache=/var/cache/npm npm_config_offline=true npm_config_registry=${registry.stdout.trim()}`;
    await importImage(docker, name, [...debian, ...node, ...npm, ...cache], `ENV ${settings}`);
  } finally {
    await dir.remove();
  }
}

/** What `docker build` sends: the Dockerfile, and the project without what `.dockerignore` leaves out. */
export async function packProject(): Promise<Readable> {
  const rules = parseDockerignore(await readFile(join(PROJECT, ".dockerignore"), "utf8"));
  if (!rules.ok) throw new Error(`reading .dockerignore: line ${rules.line} is no pattern`);
  const names = (await readdir(PROJECT)).filter((name) => !rules.ignore(name));
  const trees = ["Dockerfile", ...names].map((name) => listTree(join(PROJECT, name), name));
  return packRoot((await Promise.all(trees)).flat());
}

/** npm beside the Node it came with; Debian's own has its parts in the folder above it. */
async function listNpm(): Promise<readonly RootFile[]> {
  const program = await realpath((await findProgram("npm")) ?? "npm");
  const npm = dirname(dirname(program));
  const isWhole = (await readdir(npm)).includes("node_modules");
  const folder = isWhole ? npm : dirname(npm);
  return [
    ...(await listTree(folder, folder.slice(1))),
    { kind: "link", path: "usr/local/bin/npm", target: program },
  ];
}

async function fillCache(dir: string): Promise<void> {
  for (const name of LOCKED) await copyFile(join(PROJECT, name), join(dir, name));
  const omit = ["--omit=dev", "--omit=optional", "--ignore-scripts"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const cache = ["--prefer-offline", "--cache", join(dir, "cache")];
  await run("npm", ["ci", ...omit, ...quiet, ...cache], { cwd: dir });
}
