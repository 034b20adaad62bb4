import { toSkepError } from "../../errors.ts";
import type { Release } from "../../release.ts";
import type { StepResult } from "../machine.ts";
import { offerDeploy } from "../offer.ts";
import type { Run } from "../run.ts";

/** Makes sure that the release which the deployment came with can run again: its image is there, and the same one. */
export async function recallRelease(run: Run): Promise<StepResult> {
  const { releaseId, version } = run.deployment();
  const release = releaseId && (await run.deps.store.catalog.release(releaseId));
  if (!release) return gone(run, `the release of ${version} is not kept any more`);
  const reason =
    release.buildKey === null ? await pull(run, release) : await findBuilt(run, release);
  return reason === null
    ? { kind: "done", note: `release of ${version}, image is there` }
    : gone(run, reason);
}

/** Why an image that was built here cannot run; null when it can. */
async function findBuilt(run: Run, { buildKey, image }: Release): Promise<string | null> {
  const { store, builder } = run.deps;
  const [recorded, imageId] = await Promise.all([
    store.catalog.build(buildKey ?? ""),
    builder.imageId(image),
  ]);
  if (imageId === null) return `image ${image} is not on the engine any more`;
  if (recorded?.imageId === imageId) return null;
  return `image ${image} is not the one that was built (${recorded?.imageId ?? "not recorded"})`;
}

/** Why a given image cannot run; null when it can. */
async function pull(run: Run, { image }: Release): Promise<string | null> {
  try {
    await run.deps.builder.pull(image, run.signal);
    return null;
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (error.code !== "image_not_found") throw error;
    return `image ${image} is not on the engine any more, and ${error.message}`;
  }
}

function gone(run: Run, reason: string): StepResult {
  const { environment, sha } = run.deployment();
  return {
    kind: "failed",
    failure: {
      code: "image_gone",
      phase: "pre_build",
      summary: reason,
      evidence: [],
      nextStep: `To build the commit again, ${offerDeploy(environment, sha)} on a pull request.`,
      annotations: [],
    },
  };
}
