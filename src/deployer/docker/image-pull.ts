import { z } from "zod";
import { SkepError } from "../../errors.ts";
import { withTag } from "../image-name.ts";
import type { DockerClient } from "./client.ts";
import { plainWords, readAnswer, refusalError, unreachable } from "./engine-failure.ts";
import { imagePath } from "./image-path.ts";
import { readJsonLines } from "./json-lines.ts";
import { imageNotFound } from "./registry-failure.ts";

const PULL_LIMIT_MS = 15 * 60_000;

const imageAnswer = z.object({ Id: z.string() });
const progress = z.object({ error: z.string().optional() });

/** The way to images: the engine, and the logins for their registries. */
export interface ImageAccess {
  readonly client: DockerClient;
  /** What `X-Registry-Auth` says for an image's registry; null when there is no login. */
  readonly registryAuth: (image: string) => string | null;
}

/** The image's ID (`sha256:…`), or null when the engine does not have it. */
export async function readImageId(client: DockerClient, reference: string): Promise<string | null> {
  const action = `looking for image ${reference}`;
  const path = imagePath(reference);
  if (path === null) return null;
  const answer = await client.request({ action, method: "GET", path: `/images/${path}/json` });
  if (answer.kind === "ok") return readAnswer(imageAnswer, answer.body, action).Id;
  if (answer.status === 404 || /invalid reference format/iu.test(answer.message)) return null;
  throw refusalError(action, answer);
}

/** Makes the image present, without asking a registry when it is there already; returns its ID. */
export async function pullImage(
  access: ImageAccess,
  reference: string,
  signal: AbortSignal,
): Promise<string> {
  const { client } = access;
  const present = await readImageId(client, reference);
  if (present !== null) return present;
  await pull(access, reference, signal);
  const id = await readImageId(client, reference);
  if (id === null) throw notFound(reference, "the registry has it, but the engine did not keep it");
  return id;
}

async function pull(
  { client, registryAuth }: ImageAccess,
  reference: string,
  signal: AbortSignal,
): Promise<void> {
  const login = registryAuth(reference);
  const action = `pulling image ${reference}`;
  const deadline = client.clock.deadline(PULL_LIMIT_MS);
  try {
    const answer = await client.stream({
      action,
      method: "POST",
      path: "/images/create",
      // Without a tag the engine would pull every tag there is.
      query: { fromImage: withTag(reference) },
      ...(login === null ? {} : { headers: { "X-Registry-Auth": login } }),
      signal: AbortSignal.any([signal, deadline]),
    });
    if (answer.kind === "refused") throw notFound(reference, answer.message);
    for await (const line of readJsonLines(answer.body)) {
      const { error } = readAnswer(progress, line, action);
      if (error !== undefined) throw notFound(reference, plainWords(error));
    }
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      throw notFound(reference, `the registry took longer than ${PULL_LIMIT_MS / 60_000} minutes`);
    }
    throw error instanceof SkepError ? error : unreachable(action, client.name, error);
  }
}

function notFound(reference: string, words: string): SkepError {
  return imageNotFound(`pulling image ${reference}`, words);
}
