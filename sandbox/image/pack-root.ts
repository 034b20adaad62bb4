import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import type { RootFile } from "./root-files.ts";

/**
 * Packs files into a tar stream, one after the other, never holding one in memory. An error
 * while reading a file destroys the stream with it.
 */
export function packRoot(files: readonly RootFile[]): Readable {
  const tar = pack();
  writeAll(tar, files).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(tar);
}

async function writeAll(tar: Pack, files: readonly RootFile[]): Promise<void> {
  for (const file of files) await write(tar, file);
}

async function write(tar: Pack, file: RootFile): Promise<void> {
  switch (file.kind) {
    case "folder":
      tar.entry({ name: file.path, type: "directory", mode: file.mode });
      return;
    case "link":
      tar.entry({ name: file.path, type: "symlink", linkname: file.target });
      return;
    case "text":
      tar.entry({ name: file.path, mode: 0o644 }, file.text);
      return;
    case "copy": {
      const entry = tar.entry({ name: file.path, mode: 0o755, size: file.size });
      await pipeline(createReadStream(file.source, { highWaterMark: 1 << 20 }), entry);
      return;
    }
    default:
      file satisfies never;
  }
}
