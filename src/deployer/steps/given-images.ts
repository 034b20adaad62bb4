import type { Failure } from "../../deployment.ts";
import type { DraftService, StackDraft } from "../../release.ts";
import type { BoundImage } from "../../stack/draft.ts";
import { type SkepError, toSkepError } from "../../errors.ts";
import { imageFailure } from "../image-failure.ts";
import { askGivenImage, livePinOf } from "../images.ts";
import type { LiveCluster } from "../ports.ts";
import type { Run } from "../run.ts";

/** What each service with a given image runs, by the service's key, or why one cannot be had. */
export type BoundImages =
  | { readonly ok: true; readonly images: Readonly<Record<string, BoundImage>> }
  | { readonly ok: false; readonly failure: Failure };

/** Binds the given images of a stack, and makes them present where the Swarm is one node. */
export async function bindGivenImages(
  run: Run,
  draft: StackDraft,
  live: LiveCluster,
): Promise<BoundImages> {
  const given = draft.services.filter(({ build }) => build === null);
  // At once: each registry that does not answer takes its time.
  const bound = await Promise.all(
    given.map(async (service) => {
      const label = draft.services.length > 1 ? service.key : null;
      return [service.key, await bind(run, { service, label }, live)] as const;
    }),
  );
  const images: Record<string, BoundImage> = {};
  for (const [key, image] of bound) {
    if ("code" in image) return { ok: false, failure: image };
    images[key] = image;
  }
  return { ok: true, images };
}

async function bind(
  run: Run,
  { service, label }: { readonly service: DraftService; readonly label: string | null },
  live: LiveCluster,
): Promise<BoundImage | Failure> {
  const { key, spec } = service;
  const { builder } = run.deps;
  const { signal } = run;
  const reference = spec.TaskTemplate.ContainerSpec.Image;
  const running = live.services.find((one) => one.spec.Name === spec.Name);
  const nodes = live.nodes.length;
  const livePin = livePinOf(running?.spec ?? null, spec);
  const binding = await askGivenImage({ builder, signal }, { reference, livePin, nodes });
  if (binding.kind === "failed") return imageFailure(binding.error, { reference, label });
  const { runs, digest, platforms, unpinned } = binding;
  if (unpinned !== null) run.say(`${key} runs ${reference} unpinned: ${unpinned}`);
  // Else a task waits for its image in the middle of the roll-out, without a word.
  if (nodes === 1) {
    const error = await pullFailure(run, runs);
    if (error !== null) return imageFailure(error, { reference, label });
  }
  return { image: { reference, buildKey: null, digest, imageId: null, platforms }, runs };
}

/** Pulls an image; what its registry has against it, or null. Other breakage is thrown. */
async function pullFailure({ deps, signal }: Run, runs: string): Promise<SkepError | null> {
  try {
    await deps.builder.pull(runs, signal);
    return null;
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (error.code !== "image_not_found" || error.retryable) throw thrown;
    return error;
  }
}
