/** One entry of a tar archive. Names are raw bytes: Git does not promise that they are UTF-8. */
export interface TarEntry {
  readonly kind: "file" | "directory" | "symlink";
  readonly name: Buffer;
  readonly mode: number;
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly linkTarget: Buffer | null;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const MAX_SIZE = 0o77777777777;
const TYPES = { file: "0", directory: "5", symlink: "2" } as const;

/** The two empty blocks that end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** The header blocks of an entry (ustar; a pax header first when a name, a target or a size does not fit). */
export function tarHeader(entry: TarEntry): Buffer {
  const name =
    entry.kind === "directory" ? Buffer.concat([entry.name, Buffer.from("/")]) : entry.name;
  const records: Buffer[] = [];
  if (name.length > NAME_BYTES) records.push(paxRecord("path", name));
  if ((entry.linkTarget?.length ?? 0) > NAME_BYTES)
    records.push(paxRecord("linkpath", entry.linkTarget ?? Buffer.alloc(0)));
  if (entry.size > MAX_SIZE) records.push(paxRecord("size", Buffer.from(String(entry.size))));
  const header = ustar({ ...entry, name, type: TYPES[entry.kind] });
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const pax = ustar({
    name: Buffer.from("PaxHeader"),
    mode: 0o644,
    size: body.length,
    mtime: entry.mtime,
    linkTarget: null,
    type: "x",
  });
  return Buffer.concat([pax, body, tarPadding(body.length), header]);
}

/** The zeros that fill the last block of a body of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function ustar(entry: Omit<TarEntry, "kind"> & { readonly type: string }): Buffer {
  const block = Buffer.alloc(BLOCK);
  entry.name.copy(block, 0, 0, NAME_BYTES);
  block.write(octal(entry.mode, 8), 100, "latin1");
  block.write(octal(0, 8), 108, "latin1");
  block.write(octal(0, 8), 116, "latin1");
  block.write(octal(Math.min(entry.size, MAX_SIZE), 12), 124, "latin1");
  block.write(octal(entry.mtime, 12), 136, "latin1");
  block.write("        ", 148, "latin1");
  block.write(entry.type, 156, "latin1");
  entry.linkTarget?.copy(block, 157, 0, NAME_BYTES);
  block.write("ustar\u000000", 257, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\u0000`;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = 1 + key.length + 1 + value.length + 1;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}
