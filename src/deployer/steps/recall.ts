import { toSkepError } from "../../errors.ts";
import type { DraftService, Release, ReleaseImage, ReleaseService } from "../../release.ts";
import type { StepResult } from "../machine.ts";
import { offerDeploy } from "../offer.ts";
import type { Run } from "../run.ts";
import { refuseNotAllowed } from "./not-allowed.ts";

/** Makes sure that the release which the deployment came with can run again: its images are there, and the same ones. */
export async function recallRelease(run: Run): Promise<StepResult> {
  const { releaseId, version } = run.deployment();
  const release = releaseId && (await run.deps.store.catalog.release(releaseId));
  if (!release) return gone(run, `the release of ${version} is not kept any more`);
  const live = await run.deps.swarm.survey();
  // What the operator has forbidden since does not come back by a rollback.
  const stack = { ...release.stack, services: release.stack.services.map(asDraft) };
  const notAllowed = refuseNotAllowed(run, { stack, locate: null, live });
  if (notAllowed !== null) return { kind: "failed", failure: notAllowed };
  const nodes = live.nodes.length;
  const images = imagesOf(release);
  for (const { runs, image } of images) {
    const reason =
      image.buildKey === null ? await pull(run, runs, nodes) : await findBuilt(run, image);
    if (reason !== null) return gone(run, reason);
  }
  const count = images.length === 1 ? "image is" : `${images.length} images are`;
  return { kind: "done", note: `release of ${version}, ${count} there` };
}

/** As it was before it was built: what Skep builds itself needs nobody's leave. */
function asDraft({ key, spec, dependsOn, image }: ReleaseService): DraftService {
  const { TaskTemplate: task } = spec;
  const Image = image.buildKey === null ? task.ContainerSpec.Image : "";
  const template = { ...task, ContainerSpec: { ...task.ContainerSpec, Image } };
  return { key, spec: { ...spec, TaskTemplate: template }, dependsOn, build: null };
}

interface RecalledImage {
  /** What the service runs: the reference, with its digest where it is pinned. */
  readonly runs: string;
  readonly image: ReleaseImage;
}

/** The images of a release, each once. */
function imagesOf({ stack }: Release): readonly RecalledImage[] {
  const byRuns = stack.services.map(({ spec, image }): [string, RecalledImage] => {
    const runs = spec.TaskTemplate.ContainerSpec.Image;
    return [runs, { runs, image }];
  });
  return [...new Map(byRuns).values()];
}

/** Why an image that was built here cannot run; null when it can. */
async function findBuilt(
  run: Run,
  { buildKey, reference, digest }: ReleaseImage,
): Promise<string | null> {
  const { store, builder } = run.deps;
  const [recorded, imageId] = await Promise.all([
    store.catalog.build(buildKey ?? ""),
    builder.imageId(reference),
  ]);
  if (imageId !== null && recorded?.imageId === imageId) return null;
  // The nodes pull it from there, whatever this engine has.
  if (digest !== null) return await findPushed(run, `${reference}@${digest}`);
  if (imageId === null) return `image ${reference} is not on the engine any more`;
  return `image ${reference} is not the one that was built (${recorded?.imageId ?? "not recorded"})`;
}

async function findPushed(run: Run, reference: string): Promise<string | null> {
  return await reasonOf(
    async () => void (await run.deps.builder.resolve(reference, run.signal)),
    (words) => `image ${reference} cannot be had from its registry: ${words}`,
  );
}

/** Why a given image cannot run; null when it can. Other nodes pull for themselves. */
async function pull(run: Run, reference: string, nodes: number): Promise<string | null> {
  if (nodes > 1) return null;
  return await reasonOf(
    async () => void (await run.deps.builder.pull(reference, run.signal)),
    (words) => `image ${reference} is not on the engine any more, and ${words}`,
  );
}

async function reasonOf(
  look: () => Promise<void>,
  tell: (words: string) => string,
): Promise<string | null> {
  try {
    await look();
    return null;
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (error.code !== "image_not_found") throw error;
    return tell(error.message);
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
