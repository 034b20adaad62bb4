import { z } from "zod";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";

/** A list of the engine, and how its answer is read. */
interface ListCall<T> {
  readonly action: string;
  readonly path: string;
  readonly filters?: Readonly<Record<string, readonly string[]>>;
  readonly item: z.ZodType<T>;
}

/** Reads one of the engine's lists, in one call. */
export async function readList<T>(
  client: DockerClient,
  { action, path, filters, item }: ListCall<T>,
): Promise<readonly T[]> {
  const query = filters && { query: { filters: JSON.stringify(filters) } };
  const answer = await client.request({ action, method: "GET", path, ...query });
  if (answer.kind === "refused") throw refusalError(action, answer);
  return readAnswer(z.array(item), answer.body, action);
}
