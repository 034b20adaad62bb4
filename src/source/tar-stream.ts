import type { NamedEntry } from "./context-entries.ts";
import type { GitBlobs } from "./git-blobs.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar.ts";

const CHUNK_BYTES = 64 * 1024;

/** Writes the entries as a tar archive, in chunks of some 64 KB; `mtime` is in seconds since the epoch. */
export async function* tarStream(
  blobs: GitBlobs,
  entries: readonly NamedEntry[],
  mtime: number,
): AsyncGenerator<Buffer> {
  blobs.request(entries.filter((entry) => entry.kind !== "directory").map((entry) => entry.oid));
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces(blobs, entries, mtime)) {
    pending.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(pending);
    pending = [];
    bytes = 0;
  }
  yield Buffer.concat([...pending, TAR_END]);
}

async function* pieces(
  blobs: GitBlobs,
  entries: readonly NamedEntry[],
  mtime: number,
): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const base = { name: entry.name, mtime, linkTarget: null, size: 0 };
    switch (entry.kind) {
      case "directory":
        yield tarHeader({ ...base, kind: "directory", mode: 0o755 });
        break;
      case "symlink": {
        const linkTarget = await blobs.nextWhole();
        yield tarHeader({ ...base, kind: "symlink", mode: 0o777, linkTarget });
        break;
      }
      case "file":
      case "executable": {
        const mode = entry.kind === "executable" ? 0o755 : 0o644;
        yield tarHeader({ ...base, kind: "file", mode, size: entry.size });
        yield* blobs.next();
        yield tarPadding(entry.size);
        break;
      }
      case "submodule":
    }
  }
}
