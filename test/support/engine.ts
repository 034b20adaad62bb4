import Docker from "dockerode";
import { inject } from "vitest";
import { waitUntil } from "./wait-until.ts";

/** What a test needs to know of the private engine that the run started. */
export interface SharedEngine {
  readonly socketPath: string;
  /** Where ports published with `mode: host` are reached. */
  readonly address: string;
}

/**
 * The private Docker Engine of this test run, a Swarm of one node with both base images. Only
 * for files of vitest's `integration` project.
 */
export function sharedEngine(): SharedEngine {
  return inject("engine");
}

/** A bare client of the shared engine, to look at the Swarm apart from the code under test. */
export function sharedDocker(): Docker {
  return new Docker({ socketPath: sharedEngine().socketPath });
}

/**
 * Removes the services whose names begin with the prefix and waits until their containers are
 * gone; each test file uses a prefix of its own and calls this in `afterAll`.
 */
export async function removeServices(prefix: string): Promise<void> {
  const docker = sharedDocker();
  const services = await docker.listServices({ filters: { name: [prefix] } });
  await Promise.all(services.map(({ ID }) => docker.getService(ID).remove()));
  await waitUntil(`containers of ${prefix}* are gone`, async () => {
    const containers = await docker.listContainers({ all: true, filters: { name: [prefix] } });
    return containers.length === 0;
  });
}
