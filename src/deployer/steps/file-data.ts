import { SkepError } from "../../errors.ts";
import type { ReleaseFile } from "../../release.ts";
import { contentKeyOf } from "../../stack/content-key.ts";
import type { Run } from "../run.ts";

/**
 * The bytes of a release's configs and secrets, by path, read from its commit and held in memory only. Throws
 * `source_not_found` when the commit has another content than the release was made with, or none.
 */
export async function readFileData(
  run: Run,
  files: readonly ReleaseFile[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const wanted = files.filter(({ path }) => path !== null);
  if (wanted.length === 0) return new Map();
  const { source, serverKey } = run.deps;
  const { repository } = run.deployment();
  const { sha } = run.release();
  await source.fetch(repository, { sha, defaultBranch: null });
  const read = wanted.map(async (file): Promise<[string, Uint8Array]> => {
    const path = file.path ?? "";
    const data = await source.readBytes(repository, sha, path);
    const { Templating, Driver } = file.spec;
    const content = { data, templating: Templating?.Name ?? null, driver: Driver ?? null };
    if (data !== null && contentKeyOf(serverKey, content) === file.contentKey) return [path, data];
    throw new SkepError(
      "source_not_found",
      `reading ${path} of commit ${sha.slice(0, 7)}: ${data === null ? "it is not there" : "it is not what the release was made with"}`,
      {
        nextStep:
          "Deploy the commit again instead of going back to it: Skep's server key has changed, or the repository's history.",
      },
    );
  });
  return new Map(await Promise.all(read));
}
