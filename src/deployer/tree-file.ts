import type { RepositoryRef } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Source } from "../source/ports.ts";
import type { FileFault } from "../stack/load/named-file.ts";

/**
 * The bytes of a file of a commit, or why there are none; `advice` is what to do where there is no such file. Throws
 * what the source throws when it cannot tell.
 */
export async function readTreeFile(
  from: { readonly source: Source; readonly repository: RepositoryRef; readonly sha: string },
  path: string,
  advice: string,
): Promise<Uint8Array | FileFault> {
  const { source, repository, sha } = from;
  try {
    const bytes = await source.readBytes(repository, sha, path);
    if (bytes !== null) return bytes;
  } catch (error) {
    // The source's word for a file that is too large; all else is no fault of the file.
    if (!(error instanceof SkepError) || error.code !== "config_invalid") throw error;
    const message = `${path} is larger than 1 MiB: make it smaller.`;
    return { code: "file_too_large", message };
  }
  if ((await source.objectId(repository, sha, path)) === null) {
    const message = `there is no file ${path} in this commit, and links are not followed: ${advice}`;
    return { code: "missing_file", message };
  }
  const message = `${path} is a folder or a symbolic link: name the file itself, links are not followed.`;
  return { code: "not_a_file", message };
}
