import type { StackPlan } from "../../src/deployer/plan/stack-plan.ts";
import type { Swarm } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import { waitUntil } from "./wait-until.ts";

/** Carries a plan out, all of it; `readFile` gives the bytes of configs and secrets by their path in the release. */
export async function carryOut(
  swarm: Swarm,
  plan: StackPlan,
  readFile: (path: string) => Uint8Array | null,
): Promise<void> {
  for (const { live } of plan.removals) await swarm.removeService(live.spec.Name);
  for (const { kind, spec } of plan.networks)
    if (kind === "create") await swarm.createNetwork(spec);
  for (const { kind, fileKind, file, spec } of plan.files) {
    if (kind === "label") await swarm.labelFile(fileKind, spec.Name, spec.Labels);
    if (kind !== "create") continue;
    const data = file.path === null ? null : readFile(file.path);
    const Data = data && Buffer.from(data).toString("base64");
    await swarm.createFile(fileKind, { ...spec, ...(Data !== null && { Data }) });
  }
  for (const { kind, spec } of plan.services) {
    if (kind === "update") await update(swarm, spec);
    if (kind === "recreate") await swarm.removeService(spec.Name);
    if (kind === "create" || kind === "recreate") await swarm.createService(spec);
  }
}

/** Swarm itself writes a service again soon after its creation, and may do so between our look and our update. */
async function update(swarm: Swarm, spec: ServiceSpec): Promise<void> {
  await waitUntil(`the update of ${spec.Name} is taken`, async () => {
    const live = await swarm.service(spec.Name);
    if (!live) throw new Error(`service ${spec.Name} is gone`);
    try {
      await swarm.updateService(live, spec);
      return true;
    } catch (error) {
      if (error instanceof SkepError && error.code === "swarm_conflict") return false;
      throw error;
    }
  });
}
