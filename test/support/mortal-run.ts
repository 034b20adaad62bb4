import type { RunnerDeps } from "../../src/deployer/run.ts";
import type { Deployment } from "../../src/deployment.ts";
import { Killed, type KillSwitch } from "./kill-switch.ts";
import type { RunWorld } from "./run-world.ts";

const SWARM_WRITES = [
  "createService",
  "updateService",
  "removeService",
  "createNetwork",
  "removeNetwork",
  "createFile",
  "labelFile",
  "removeFile",
  "markRelease",
] as const;

/** A process of which every change, in the store and outside, goes through the switch. */
export function mortalDeps(world: RunWorld, life: KillSwitch): RunnerDeps {
  const { store, swarm, builder } = world;
  return world.deps({
    store: {
      ...store,
      catalog: life.guard(store.catalog, ["saveBuild", "saveRelease"]),
      deployments: life.guard(store.deployments, ["update", "record", "finish"]),
    },
    swarm: life.guard(swarm, SWARM_WRITES),
    builder: life.guard(builder, ["build", "pull"]),
  });
}

/** Runs what the lane holds in a process that may be killed; when it is, a new one takes over. */
export async function runMortal(world: RunWorld, mortal: RunnerDeps): Promise<Deployment> {
  try {
    return await world.run(mortal);
  } catch (thrown) {
    if (!(thrown instanceof Killed)) throw thrown;
  }
  const [last] = await world.store.deployments.list({ limit: 1 });
  // Killed just after the end was written: nothing is left to run.
  if (last && last.finishedAt !== null) return last;
  return world.run();
}
