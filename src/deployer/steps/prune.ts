import { readApplied } from "../applied.ts";
import type { StepResult } from "../machine.ts";
import type { Run } from "../run.ts";

/** Removes the services that the release does not have any more, once it is proved without them. */
export async function pruneServices(run: Run): Promise<StepResult> {
  const { swarm } = run.deps;
  const names = Object.keys(readApplied(run)?.removed ?? {});
  if (names.length === 0) return { kind: "done", note: null };
  await run.effect("prune", { removed: names }, async () => {
    for (const name of names) await swarm.removeService(name);
  });
  for (const name of names) run.say(`removed service ${name}: the release does not have it`);
  return { kind: "done", note: null };
}
