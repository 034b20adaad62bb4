import { z } from "zod";
import { SkepError } from "../../errors.ts";
import { splitReference } from "../image-name.ts";
import { plainWords, readAnswer, unreachable } from "./engine-failure.ts";
import { imagePath } from "./image-path.ts";
import type { ImageAccess } from "./image-pull.ts";
import { readJsonLines } from "./json-lines.ts";
import { encodeHeader } from "./registry-config.ts";
import { pushFailed } from "./registry-failure.ts";

const PUSH_LIMIT_MS = 15 * 60_000;
/** The engine refuses a push that does not say who pushes, even if it is nobody. */
const NOBODY = encodeHeader({});

const progress = z.object({
  aux: z.object({ Digest: z.string().optional() }).optional(),
  error: z.string().optional(),
});

/**
 * Pushes a tag of the engine's to its registry; returns its digest (`sha256:…`). Throws `push_failed` with the
 * registry's words, retryable when it is only away.
 */
export async function pushImage(
  { client, registryAuth }: ImageAccess,
  reference: string,
  signal: AbortSignal,
): Promise<string> {
  const action = `pushing image ${reference}`;
  const { name, tag } = splitReference(reference);
  const path = imagePath(name);
  if (path === null) throw pushFailed(action, "invalid reference format");
  const deadline = client.clock.deadline(PUSH_LIMIT_MS);
  try {
    const answer = await client.stream({
      action,
      method: "POST",
      path: `/images/${path}/push`,
      // Without a tag the engine would push every tag of the name.
      query: { tag: tag ?? "latest" },
      headers: { "X-Registry-Auth": registryAuth(reference) ?? NOBODY },
      signal: AbortSignal.any([signal, deadline]),
    });
    if (answer.kind === "refused") throw pushFailed(action, answer.message);
    let digest: string | null = null;
    for await (const line of readJsonLines(answer.body)) {
      const { aux, error } = readAnswer(progress, line, action);
      if (error !== undefined) throw pushFailed(action, plainWords(error));
      digest = aux?.Digest ?? digest;
    }
    if (digest === null) throw new Error("it ended the push without a digest");
    return digest;
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      throw pushFailed(action, `it took longer than ${PUSH_LIMIT_MS / 60_000} minutes`);
    }
    throw error instanceof SkepError ? error : unreachable(action, client.name, error);
  }
}
