import { toSkepError } from "../../errors.ts";
import type { StepResult } from "../machine.ts";
import type { Run } from "../run.ts";
import { removeUnneeded } from "./remove-unneeded.ts";

/**
 * Writes which release the stack runs now; writing it twice changes nothing. Then removes what no kept release needs any
 * more, which fails nothing: it is tried again by the next deployment.
 */
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
  try {
    await removeUnneeded(run);
  } catch (thrown) {
    run.say(`removing what is not needed any more: ${toSkepError(thrown).message}`, "error");
  }
  return { kind: "done", note: null };
}
