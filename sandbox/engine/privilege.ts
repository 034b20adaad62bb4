import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const SYSTEM_FOLDERS = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

const NEEDED: ReadonlyArray<readonly [command: string, packageName: string]> = [
  ["dockerd", "docker.io"],
  ["containerd", "docker.io"],
  ["runc", "docker.io"],
  ["ip", "iproute2"],
  ["iptables", "iptables"],
  ["unshare", "util-linux"],
  ["nsenter", "util-linux"],
  ["bash", "bash"],
];

/** Finds a program as root would: on PATH, then in the system's folders. */
export async function findProgram(command: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? "").split(":"), ...SYSTEM_FOLDERS].filter(Boolean);
  for (const folder of folders) {
    const path = join(folder, command);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/**
 * The words to put before a command so that it runs as root: none for root, `sudo -n` where sudo
 * does not ask. Throws, saying what is missing, where neither holds.
 */
export async function rootPrefix(): Promise<readonly string[]> {
  if (process.getuid?.() === 0) return [];
  try {
    await run("sudo", ["-n", "true"]);
    return ["sudo", "-n"];
  } catch (cause) {
    throw new Error(
      "starting a private Docker Engine needs root: run this as root, or as a user whose sudo does not ask for a password",
      { cause },
    );
  }
}

/**
 * Checks that this machine can hold a private engine and returns the path of `dockerd`. Throws
 * one error that names everything that is missing.
 */
export async function checkMachine(): Promise<string> {
  if (process.platform !== "linux") {
    throw new Error(
      `starting a private Docker Engine needs Linux, this is ${process.platform}: use a Linux virtual machine`,
    );
  }
  const found = await Promise.all(NEEDED.map(([command]) => findProgram(command)));
  const missing = NEEDED.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) {
    const commands = missing.map(([command]) => command).join(", ");
    const packages = [...new Set(missing.map(([, packageName]) => packageName))].join(" ");
    throw new Error(
      `starting a private Docker Engine: ${commands} not found: run script/setup, or install: ${packages}`,
    );
  }
  return found[0] ?? "";
}
