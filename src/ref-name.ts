/** What a deployment's ref is, and its name for people. */
export interface RefName {
  readonly kind: "branch" | "tag" | "pull_request" | "commit";
  /** The branch's or tag's name, `#12`, or the first digits of the commit. Hostile text. */
  readonly name: string;
}

/** Reads a full ref: `refs/heads/main`, `refs/tags/v1.9.0`, `refs/pull/12/head`, or a commit that was named itself. */
export function refName(ref: string): RefName {
  const [, number] = /^refs\/pull\/(\d+)\/head$/u.exec(ref) ?? [];
  if (number !== undefined) return { kind: "pull_request", name: `#${number}` };
  if (ref.startsWith("refs/tags/")) return { kind: "tag", name: ref.slice("refs/tags/".length) };
  if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(ref)) {
    return { kind: "commit", name: ref.slice(0, 7) };
  }
  return { kind: "branch", name: ref.replace(/^refs\/heads\//u, "") };
}
