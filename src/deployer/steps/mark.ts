import type { StepResult } from "../machine.ts";
import type { Run } from "../run.ts";

/** Writes which release the stack runs now, as the last thing. Writing it twice changes nothing. */
export async function markRelease(run: Run): Promise<StepResult> {
  const { id, stackName, version, sha, lane } = run.deployment();
  const labels = {
    "skep.owner": lane,
    "skep.release": run.release().id,
    "skep.deployment": id,
    "skep.version": version,
    "skep.sha": sha,
  };
  await run.effect("mark", labels, () => run.deps.swarm.markRelease(stackName, labels));
  return { kind: "done", note: null };
}
