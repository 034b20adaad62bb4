/** Why there are no bytes of a file that a stack names. */
export interface FileFault {
  /** Stable, snake_case. */
  readonly code: string;
  /** Names the file, and ends in what to do. */
  readonly message: string;
}

/** Reads a file by its path as the stack writes it: its bytes, or why there are none; null where there is no such file. */
export type ReadNamedFile = (path: string) => Uint8Array | FileFault | null;

/** Whether there is something of the name, be it of no use. */
export function isThere(found: ReturnType<ReadNamedFile>): boolean {
  return found !== null && (found instanceof Uint8Array || found.code !== MISSING);
}

const MISSING = "missing_file";

/** The bytes, or the fault; `missing` is what to say where there is no such file. */
export function readNamedFile(
  readFile: ReadNamedFile,
  path: string,
  missing: string,
):
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly fault: FileFault } {
  const found = readFile(path);
  if (found instanceof Uint8Array) return { ok: true, bytes: found };
  return { ok: false, fault: found ?? { code: MISSING, message: missing } };
}
