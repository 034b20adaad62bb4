import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { sharedEngine } from "./engine.ts";
import type { Files } from "./product-app.ts";

const run = promisify(execFile);

/** Runs the real command `docker` on the shared engine; rejects with its words when it fails. */
export interface DockerCli {
  (...args: readonly string[]): Promise<string>;
}

/** The command `docker` with a folder of its own for its `config.json`, in which it finds its logins. */
export function createDockerCli(configDir: string): DockerCli {
  const env = {
    PATH: process.env["PATH"],
    HOME: configDir,
    DOCKER_CONFIG: configDir,
    DOCKER_HOST: `unix://${sharedEngine().socketPath}`,
  };
  return async (...args) => (await run("docker", args, { env })).stdout.trim();
}

/** Writes the files of a repository into a folder, as a checkout would. */
export async function writeCheckout(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
