import { git } from "./git.ts";

/** A file, folder or submodule in a tree. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly sha: string;
  readonly size: number;
  /** From the root of the tree that was listed. */
  readonly path: string;
}

/** Lists a tree; `path` "" is its root, `dir/` what lies in a folder, `dir` or `file` the entry itself. */
export async function listTree(
  directory: string,
  treeish: string,
  { path, recursive = false }: { readonly path: string; readonly recursive?: boolean },
): Promise<TreeEntry[]> {
  const flags = recursive ? ["-r", "-t"] : [];
  const where = path === "" ? [] : ["--", path];
  // Paths are literal here: `ls-tree` takes no wildcards.
  const text = await git(directory, [
    "ls-tree",
    "-z",
    "--long",
    "--full-tree",
    ...flags,
    treeish,
    ...where,
  ]);
  return text.split("\0").filter(Boolean).map(parseEntry);
}

function parseEntry(text: string): TreeEntry {
  const tab = text.indexOf("\t");
  const [mode = "", type = "", sha = "", size = ""] = text.slice(0, tab).split(/ +/);
  return {
    mode,
    type: type === "tree" || type === "commit" ? type : "blob",
    sha,
    size: Number(size) || 0,
    path: text.slice(tab + 1),
  };
}
