import { tidyPath, tidyShare } from "./bind-paths.ts";

/** What a volume of the driver `local` is made of. */
export type LocalVolume =
  | { readonly kind: "plain" }
  /** A path of the node or a share, as `bind_mounts` lists it. */
  | { readonly kind: "bind"; readonly path: string }
  /** Cannot be allowed; `why` is put after "the volume ". */
  | { readonly kind: "unknown"; readonly why: string };

const NFS = ["nfs", "nfs3", "nfs4"];
const BIND_WORDS = new Set(["bind", "rbind", "ro", "rw", "nosuid", "nodev", "noexec", "noatime"]);
for (const word of ["private", "rprivate", "slave", "rslave", "defaults", "relatime"]) {
  BIND_WORDS.add(word);
}
const TMPFS_WORD =
  /^(?:(?:size|nr_inodes|mode|uid|gid)=[\w%]+|ro|rw|nosuid|nodev|noexec|noatime)$/u;
const NFS_WORD = /^[a-z_]+(?:=[\w.:[\]-]*)?$/iu;

/** What the options of the driver `local` would mount. What they may mean else is for mount(8) to know, and is refused. */
export function readLocalVolume(options: Readonly<Record<string, string>>): LocalVolume {
  const unknown = (why: string): LocalVolume => ({ kind: "unknown", why });
  const stranger = Object.keys(options).find(
    (name) => !["type", "o", "device", "size"].includes(name),
  );
  if (stranger !== undefined) return unknown(`has the option ${JSON.stringify(stranger)}`);
  if (Object.values(options).some((value) => value.includes("{{"))) {
    return unknown("has a template in its options, which nobody can judge before");
  }
  const { type = "", o = "", device = "" } = options;
  const words = o.split(",").filter((word) => word !== "");
  if (type === "" && device === "" && words.length === 0) return { kind: "plain" };
  const isBind = words.includes("bind") || words.includes("rbind");
  if (isBind || type === "none" || type === "bind" || type === "") {
    const strange = words.find((word) => !BIND_WORDS.has(word));
    if (strange !== undefined) return unknown(`is mounted with ${JSON.stringify(strange)}`);
    const path = tidyPath(device);
    return path === null ? unknown("binds what is no absolute path") : { kind: "bind", path };
  }
  if (type === "tmpfs") {
    const strange = words.find((word) => !TMPFS_WORD.test(word));
    if (strange !== undefined) return unknown(`is mounted with ${JSON.stringify(strange)}`);
    return { kind: "plain" };
  }
  if (NFS.includes(type)) {
    const strange = words.find(
      (word) => !NFS_WORD.test(word) || /^(?:re)?mount|^move$/u.test(word),
    );
    if (strange !== undefined) return unknown(`is mounted with ${JSON.stringify(strange)}`);
    const share = tidyShare(device, addressesOf(words));
    return share === null
      ? unknown("mounts no share that can be told")
      : { kind: "bind", path: share };
  }
  return unknown(`is a file system of the type ${JSON.stringify(type)}`);
}

function addressesOf(words: readonly string[]): readonly string[] {
  const found = words.flatMap((word) => /^addr=(.*)$/iu.exec(word)?.[1] ?? []);
  return words.some((word) => /^(?:mount)?addr/iu.test(word) && !/^addr=/iu.test(word))
    ? ["", ""]
    : found;
}
