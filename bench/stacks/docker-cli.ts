import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** The real `docker stack deploy` of this machine, on one engine. */
export interface DockerCli {
  /** Deploys a stack from the text of a file; returns how long the command took, in milliseconds. */
  deploy(
    stackName: string,
    text: string,
    options: { readonly isDetached: boolean },
  ): Promise<number>;
}

/** A command line that knows no user and no registry. */
export async function createDockerCli(dir: string, socketPath: string): Promise<DockerCli> {
  const home = join(dir, "docker-cli");
  await mkdir(home, { recursive: true });
  const file = join(home, "stack.yml");
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    DOCKER_CONFIG: home,
    DOCKER_HOST: `unix://${socketPath}`,
  };
  return {
    async deploy(stackName, text, { isDetached }) {
      await writeFile(file, text);
      const args = ["stack", "deploy", `--detach=${isDetached}`, "-c", file, stackName];
      const startedAt = performance.now();
      await execute("docker", args, { env });
      return performance.now() - startedAt;
    },
  };
}
