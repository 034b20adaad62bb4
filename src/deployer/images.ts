import type { Failure } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Platform } from "../release.ts";
import { STACK_LABELS, type ServiceSpec } from "../swarm-objects.ts";
import { isContentReference, isEngineImage, splitReference, withTag } from "./image-name.ts";
import type { Builder, ResolvedImage } from "./ports.ts";

/** All that decides what a service with a given image runs. */
export interface GivenImage {
  /** As the stack's file has it. */
  readonly reference: string;
  /** The image with a digest that the live service runs for the same reference; null when there is none. */
  readonly livePin: string | null;
  /** Whether the engine has the image. */
  readonly isPresent: boolean;
  /** How many nodes the Swarm has. */
  readonly nodes: number;
  /** What the registry said, or why it said nothing; null when it was not asked. */
  readonly resolved: ResolvedImage | SkepError | null;
}

/** What a service with a given image runs, or why it cannot be. */
export type GivenImageBinding =
  | {
      readonly kind: "bound";
      /** What the Swarm is told to run. */
      readonly runs: string;
      /** Null when the image is not pinned to its bytes by its registry. */
      readonly digest: string | null;
      /** What it runs on; null when its registry was not asked. */
      readonly platforms: readonly Platform[] | null;
      /** Why the reference is not pinned although a registry should know it: a risk; null when all is well. */
      readonly unpinned: string | null;
    }
  | { readonly kind: "failed"; readonly error: SkepError };

/** Whether only the registry can tell what the reference means. */
function isRegistryAsked({
  reference,
  livePin,
}: Pick<GivenImage, "reference" | "livePin">): boolean {
  return livePin === null && !isContentReference(reference) && !isEngineImage(reference);
}

/**
 * Decides what a given image runs as. A reference that runs already keeps its digest, so that nothing restarts by
 * itself; a registry's tag stays unpinned only for a lone node that has the image. What is in no registry must be on a
 * lone node; of several, our engine knows only what it has itself, so that this is a doubt and no refusal.
 */
export function bindGivenImage(image: GivenImage): GivenImageBinding {
  const { reference, livePin, isPresent, nodes, resolved } = image;
  if (isContentReference(reference)) return bound(reference);
  if (isEngineImage(reference)) {
    if (nodes > 1) return { ...bound(reference), unpinned: eachNodesOwn(reference, nodes) };
    return isPresent ? bound(reference) : { kind: "failed", error: notOnEngine(reference) };
  }
  if (livePin !== null) return bound(livePin);
  if (resolved !== null && !(resolved instanceof SkepError)) {
    return bound(`${withTag(reference)}@${resolved.digest}`, resolved.platforms);
  }
  const error =
    resolved ?? new SkepError("image_not_found", `image ${reference}: nobody was asked`);
  if (error.code !== "image_not_found" || nodes > 1 || !isPresent) return { kind: "failed", error };
  return {
    kind: "bound",
    runs: reference,
    digest: null,
    platforms: null,
    unpinned: error.message,
  };
}

/** Decides on one image with what the engine and, if need be, its registry say. Throws what is wrong with the engine. */
export async function askGivenImage(
  { builder, signal }: { readonly builder: Builder; readonly signal: AbortSignal },
  image: Pick<GivenImage, "reference" | "livePin" | "nodes">,
): Promise<GivenImageBinding> {
  const { reference } = image;
  const [id, resolved] = await Promise.all([
    builder.imageId(reference),
    isRegistryAsked(image) ? askRegistry(builder, reference, signal) : null,
  ]);
  return bindGivenImage({ ...image, isPresent: id !== null, resolved });
}

async function askRegistry(
  builder: Builder,
  reference: string,
  signal: AbortSignal,
): Promise<ResolvedImage | SkepError> {
  try {
    return await builder.resolve(reference, signal);
  } catch (error) {
    if (error instanceof SkepError && error.code === "image_not_found") return error;
    throw error;
  }
}

/** The image with its digest that the live service runs, when it was asked for by the reference of the new one. */
export function livePinOf(live: ServiceSpec | null, wanted: ServiceSpec): string | null {
  if (live === null) return null;
  const reference = wanted.Labels[STACK_LABELS.image];
  const image = live.TaskTemplate.ContainerSpec.Image;
  const isSame = reference !== undefined && live.Labels[STACK_LABELS.image] === reference;
  return isSame && splitReference(image).digest !== null ? image : null;
}

/** Refuses a stack that builds images which only one of several nodes would have; null when all is well. */
export function refuseUnsharedBuild({
  nodes,
  registry,
  builds,
}: {
  readonly nodes: number;
  readonly registry: string | null;
  /** The keys of the services that are built. */
  readonly builds: readonly string[];
}): Failure | null {
  if (nodes <= 1 || registry !== null || builds.length === 0) return null;
  return {
    code: "registry_needed",
    phase: "pre_build",
    summary: `The Swarm has ${nodes} nodes and no registry, so only one of them would have what is built for ${builds.join(", ")}.`,
    evidence: [],
    nextStep:
      "Ask the operator to set SKEP_REGISTRY, or give these services images that a registry has.",
    annotations: [],
  };
}

type Bound = Extract<GivenImageBinding, { readonly kind: "bound" }>;

function bound(runs: string, platforms: readonly Platform[] | null = null): Bound {
  const { digest } = splitReference(runs);
  return { kind: "bound", runs, digest, platforms, unpinned: null };
}

function eachNodesOwn(reference: string, nodes: number): string {
  return `image ${reference} is in no registry: each of the ${nodes} nodes runs what it has by this name itself`;
}

function notOnEngine(reference: string): SkepError {
  const message = `image ${reference}: the engine does not have it, and localhost/ is no registry`;
  return new SkepError("image_not_found", message, {
    nextStep: "Build or load the image on the node, or name it in a registry.",
  });
}
