/** One entry of a Git tree. */
export interface TreeEntry {
  readonly kind: "file" | "executable" | "symlink" | "directory" | "submodule";
  readonly oid: string;
  /** Bytes of a file or of a link's target; 0 for the rest. */
  readonly size: number;
  /** Raw bytes, relative to the listed tree. */
  readonly name: Buffer;
}

const KINDS: Readonly<Record<string, TreeEntry["kind"]>> = {
  "100644": "file",
  "100664": "file",
  "100755": "executable",
  "120000": "symlink",
  "040000": "directory",
  "160000": "submodule",
};

/** Reads the output of `git ls-tree -z --long`. Entries of kinds unknown to Git's format are left out. */
export function parseTree(output: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let start = 0;
  for (let end = output.indexOf(0, start); end >= 0; end = output.indexOf(0, start)) {
    const tab = output.indexOf(9, start);
    const [mode = "", , oid = "", size = ""] = output.toString("latin1", start, tab).split(/ +/);
    const kind = KINDS[mode];
    if (kind !== undefined)
      entries.push({ kind, oid, size: Number(size) || 0, name: output.subarray(tab + 1, end) });
    start = end + 1;
  }
  return entries;
}

/** An entry as a tree object holds it. */
export interface RawEntry {
  readonly mode: string;
  readonly oid: string;
}

/** The entry of this name in a tree object, whose object IDs have `oidBytes` bytes; null when there is none. */
export function findEntry(tree: Buffer, name: string, oidBytes: number): RawEntry | null {
  const wanted = Buffer.from(name);
  for (let start = 0; start < tree.length;) {
    const space = tree.indexOf(0x20, start);
    const end = tree.indexOf(0, space);
    if (space < 0 || end < 0) return null;
    if (wanted.equals(tree.subarray(space + 1, end))) {
      const oid = tree.toString("hex", end + 1, end + 1 + oidBytes);
      return { mode: tree.toString("latin1", start, space), oid };
    }
    start = end + 1 + oidBytes;
  }
  return null;
}

/** Whether the entry is a file, and no link, folder or submodule. */
export function isFile({ mode }: RawEntry): boolean {
  return KINDS[mode] === "file" || KINDS[mode] === "executable";
}

/** The path without `.`, doubled or outer slashes (`""` is the root); null when it leaves the repository. */
export function normalizePath(path: string): string | null {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") || path.includes("\0") ? null : parts.join("/");
}
