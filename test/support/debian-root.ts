import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { ACCOUNTS, type RootFile } from "../../sandbox/image/root-files.ts";
import { readRootFile } from "./root-tree.ts";

const run = promisify(execFile);
const LEFT_OUT = /^\/(?:usr\/share\/(?:doc|info|lintian|locale|man)|var\/lib)\//u;
/** Made when the package is installed, and so in no package's list. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * The files of Debian packages that this machine has installed, with everything they depend on: a root that the same
 * packages, installed into an empty image, would make, without manuals and translations.
 */
export async function listDebianFiles(packages: readonly string[]): Promise<readonly RootFile[]> {
  const names = await listWithDependencies(packages);
  const { stdout } = await run("dpkg-query", ["--listfiles", ...names], { maxBuffer: 1 << 26 });
  const paths = stdout.split("\n").filter((path) => /^\/[^.]/u.test(path) && !LEFT_OUT.test(path));
  const files = new Map(ACCOUNTS.map((file) => [file.path, file]));
  for (const path of new Set([...paths, CERTIFICATES])) {
    // Packages still say /bin/bash where /bin is a link to usr/bin.
    const folder = await realpath(dirname(path)).catch(() => dirname(path));
    const target = join(folder, basename(path)).slice(1);
    const file = files.has(target) ? undefined : await readRootFile(path, target);
    if (file !== undefined) files.set(target, file);
  }
  // A folder before what is in it.
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function listWithDependencies(packages: readonly string[]): Promise<readonly string[]> {
  const others = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"];
  const options = ["--recurse", "--installed", ...others.map((kind) => `--no-${kind}`)];
  const [needed, installed] = await Promise.all([
    run("apt-cache", ["depends", ...options, ...packages]),
    run("dpkg-query", ["--show", "--showformat", "${db:Status-Abbrev}${Package}\n"]),
  ]);
  // Of alternatives, apt names those too that are not installed.
  const names = new Set(needed.stdout.split("\n"));
  return installed.stdout
    .split("\n")
    .flatMap((line) => (line.startsWith("ii ") ? [line.slice(3)] : []))
    .filter((name) => names.has(name));
}
