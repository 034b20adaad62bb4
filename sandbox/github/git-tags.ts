import { git, readRefs, resolveCommit, tryGit, zeroSha } from "./git.ts";

/** A tag that stands for a commit. */
export interface GitTag {
  readonly name: string;
  /** The commit, or for an annotated tag the tag object. */
  readonly object: string;
  /** The commit it stands for. */
  readonly commit: string;
  /** An annotated tag's first paragraph; undefined for a lightweight tag. */
  readonly message: string | undefined;
  /** When it was made; for a lightweight tag, when its commit was. */
  readonly date: string;
}

const format = [
  "%(refname)",
  "%(objecttype)",
  "%(objectname)",
  "%(*objecttype)",
  "%(*objectname)",
  "%(creatordate:iso-strict)",
  "%(contents:subject)",
].join("%00");

/** The tags that stand for commits, the highest version first. */
export async function readTags(directory: string): Promise<GitTag[]> {
  const text = await git(directory, [
    "for-each-ref",
    "--sort=-version:refname",
    `--format=${format}`,
    "refs/tags",
  ]);
  const tags: GitTag[] = [];
  for (const line of text.split("\n").filter(Boolean)) {
    const tag = await readTag(directory, line);
    if (tag) tags.push(tag);
  }
  return tags;
}

/** Undefined for a tag that names a file or a folder: nobody can deploy that. */
async function readTag(directory: string, line: string): Promise<GitTag | undefined> {
  const [ref = "", type, object = "", target, pointed = "", date = "", subject = ""] =
    line.split("\0");
  const name = ref.slice("refs/tags/".length);
  if (type === "commit") return { name, object, commit: object, message: undefined, date };
  // A tag may name another tag; git tells only the first step here.
  const commit = target === "commit" ? pointed : await resolveCommit(directory, object);
  return type === "tag" && commit !== undefined
    ? { name, object, commit, message: subject, date }
    : undefined;
}

/** A tag to be made. */
export interface NewTag {
  readonly name: string;
  /** The commit. */
  readonly sha: string;
  /** Makes it annotated. */
  readonly message?: string;
  readonly tagger: { readonly name: string; readonly email: string };
  readonly at: Date;
  /** Moves a tag that exists. */
  readonly force?: boolean;
}

/** Makes a tag and returns the object it points to; throws when the name is no tag's name or is taken. */
export async function writeTag(directory: string, tag: NewTag): Promise<string> {
  const ref = await requireTagName(directory, tag.name);
  const object = tag.message === undefined ? tag.sha : await writeTagObject(directory, tag);
  // Forty zeros as the old value: the ref must not be there yet.
  const before = tag.force ? [] : [zeroSha];
  if ((await tryGit(directory, ["update-ref", ref, object, ...before])) === undefined) {
    throw new Error(`creating tag ${JSON.stringify(tag.name)}: it exists already`);
  }
  return object;
}

/** Removes a tag; throws when there is none of this name. */
export async function removeTag(directory: string, name: string): Promise<void> {
  const ref = await requireTagName(directory, name);
  if ((await tryGit(directory, ["show-ref", "--verify", ref])) === undefined)
    throw new Error(`deleting tag ${JSON.stringify(name)}: there is no such tag`);
  await git(directory, ["update-ref", "-d", ref]);
}

async function requireTagName(directory: string, name: string): Promise<string> {
  const ref = `refs/tags/${name}`;
  const isGood =
    !name.startsWith("-") && (await tryGit(directory, ["check-ref-format", ref])) !== undefined;
  if (!isGood)
    throw new Error(`naming a tag ${JSON.stringify(name)}: git does not allow this name`);
  return ref;
}

async function writeTagObject(directory: string, tag: NewTag): Promise<string> {
  const seconds = Math.floor(tag.at.getTime() / 1000);
  // Angle brackets and line breaks would end the name or the address.
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, "").trim();
  const { name, email } = tag.tagger;
  const content = [
    `object ${tag.sha}`,
    "type commit",
    `tag ${tag.name}`,
    `tagger ${clean(name)} <${clean(email)}> ${seconds} +0000`,
    "",
    `${tag.message ?? ""}\n`,
  ].join("\n");
  return (await git(directory, ["mktag"], { stdin: content })).trim();
}

/** Commit → the branches and tags that stand at it. */
export async function readHeads(directory: string): Promise<Map<string, string[]>> {
  const heads = new Map<string, string[]>();
  const note = (sha: string, name: string) => heads.set(sha, [...(heads.get(sha) ?? []), name]);
  for (const [ref, sha] of await readRefs(directory)) {
    if (ref.startsWith("refs/heads/")) note(sha, ref.slice("refs/heads/".length));
  }
  for (const tag of await readTags(directory)) note(tag.commit, tag.name);
  return heads;
}
