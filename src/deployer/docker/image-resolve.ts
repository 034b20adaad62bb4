import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Clock } from "../../clock.ts";
import { SkepError } from "../../errors.ts";
import { registryOf, withTag } from "../image-name.ts";
import type { Platform } from "../../release.ts";
import type { ResolvedImage } from "../ports.ts";
import { untilAborted } from "../until-aborted.ts";
import { plainWords, readAnswer, unreachable } from "./engine-failure.ts";
import { imagePath } from "./image-path.ts";
import type { ImageAccess } from "./image-pull.ts";
import { imageNotFound } from "./registry-failure.ts";

/** A registry that is away must not hold a deployment up for longer. */
const LOOK_UP_LIMIT_MS = 10_000;
const KEPT_MS = 60_000;
/** How long a registry that let us wait in vain is left alone, so that a stack waits once and not once per image. */
const SILENCE_MS = 30_000;

const distributionAnswer = z.object({
  Descriptor: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/u) }),
  Platforms: z
    .array(z.object({ os: z.string().default(""), architecture: z.string().default("") }))
    .nullish(),
});

/** The engine's names for what the kernel and other tools call differently. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  i386: "386",
  armhf: "arm",
};

/** What a reference means in its registry; see `Builder.resolve`. */
export type ResolveImage = (reference: string, signal: AbortSignal) => Promise<ResolvedImage>;

/**
 * Asks registries through the engine, each reference once within a minute. Failures are shared by those who wait, and
 * not kept: somebody may push the image and try again.
 */
export function createImageResolver(access: ImageAccess, clock: Clock): ResolveImage {
  const known = new Map<string, { readonly at: number; readonly answer: Promise<ResolvedImage> }>();

  const silent = new Map<string, number>();

  async function lookUpUnlessSilent(reference: string, now: number): Promise<ResolvedImage> {
    const registry = registryOf(reference);
    if (now < (silent.get(registry) ?? 0)) throw overdue(actionOf(reference));
    silent.delete(registry);
    return await lookUp(access, clock, reference, () => {
      silent.set(registry, clock.now() + SILENCE_MS);
    });
  }

  function ask(reference: string): Promise<ResolvedImage> {
    const now = clock.now();
    for (const [key, { at }] of known) if (now - at >= KEPT_MS) known.delete(key);
    const before = known.get(reference);
    if (before) return before.answer;
    const asked = { at: now, answer: lookUpUnlessSilent(reference, now) };
    known.set(reference, asked);
    asked.answer.catch(() => {
      if (known.get(reference) === asked) known.delete(reference);
    });
    return asked.answer;
  }

  return async (reference, signal) => {
    signal.throwIfAborted();
    return await untilAborted(ask(withTag(reference)), signal);
  };
}

async function lookUp(
  { client, registryAuth }: ImageAccess,
  clock: Clock,
  reference: string,
  onSilence: () => void,
): Promise<ResolvedImage> {
  const action = actionOf(reference);
  const name = imagePath(reference);
  if (name === null) throw imageNotFound(action, "invalid reference format");
  const login = registryAuth(reference);
  const deadline = clock.deadline(LOOK_UP_LIMIT_MS);
  try {
    const answer = await client.stream({
      action,
      method: "GET",
      path: `/distribution/${name}/json`,
      ...(login === null ? {} : { headers: { "X-Registry-Auth": login } }),
      signal: deadline,
    });
    if (answer.kind === "refused") throw imageNotFound(action, plainWords(answer.message));
    const body: unknown = JSON.parse(await text(answer.body));
    const { Descriptor, Platforms } = readAnswer(distributionAnswer, body, action);
    return { digest: Descriptor.digest, platforms: (Platforms ?? []).flatMap(readPlatform) };
  } catch (error) {
    if (deadline.aborted) {
      onSilence();
      throw overdue(action);
    }
    throw error instanceof SkepError ? error : unreachable(action, client.name, error);
  }
}

function actionOf(reference: string): string {
  return `looking up image ${reference}`;
}

function overdue(action: string): SkepError {
  const limit = `${LOOK_UP_LIMIT_MS / 1_000} s`;
  return imageNotFound(action, `the registry did not answer within ${limit}`);
}

/** BuildKit's attestations stand beside the images, for a platform called "unknown". */
function readPlatform({ os, architecture }: Platform): Platform[] {
  if (os === "" || os === "unknown") return [];
  return [{ os, architecture: ARCHITECTURES[architecture] ?? architecture }];
}
