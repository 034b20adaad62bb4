import type { Readable } from "node:stream";
import type { RepositoryRef } from "../deployment.ts";

/** What a name that somebody typed means in a repository. */
export type Resolved =
  /** `ref` is the full name of the branch or tag; null for a SHA. */
  | {
      readonly kind: "found";
      readonly sha: string;
      readonly ref: string | null;
      /** First line of the commit's message; hostile text. */
      readonly title: string;
    }
  /** Full refs, or full SHAs, at most ten. */
  | { readonly kind: "ambiguous"; readonly candidates: readonly string[] }
  | { readonly kind: "unknown" }
  /** A commit that no branch and no tag of the repository has; it may come from a fork. */
  | { readonly kind: "foreign"; readonly sha: string };

/**
 * The repositories' contents: a bare mirror of each, fetched with the installation's token. Throws
 * `source_unavailable` (retryable) when GitHub does not answer and `source_not_found` for what is not there.
 */
export interface Source {
  /**
   * Makes `sha` present in the mirror. With `defaultBranch` also fetches that branch and tells its head; with null,
   * nothing goes over the network when the commit is there already (and the head is null).
   */
  fetch(
    repository: RepositoryRef,
    want: { readonly sha: string; readonly defaultBranch: string | null },
  ): Promise<{ readonly defaultBranchSha: string | null }>;
  /**
   * Finds the commit that a branch, a tag, a full ref or a SHA (at least 7 digits) names now; fetches all branches and
   * tags first. A branch and a tag of one name are ambiguous, as is a short SHA of several commits. Whatever is no name
   * that git allows is `unknown`.
   */
  resolve(repository: RepositoryRef, name: string): Promise<Resolved>;
  /** The commit that the head of a pull request is now, asked of GitHub; null when there is none. */
  pullRequestHead(repository: RepositoryRef, number: number): Promise<string | null>;
  /** The text of a file at a commit, or null when there is none. Never follows a symbolic link. */
  readFile(repository: RepositoryRef, sha: string, path: string): Promise<string | null>;
  /** The bytes of a file at a commit, likewise. */
  readBytes(repository: RepositoryRef, sha: string, path: string): Promise<Uint8Array | null>;
  /** Whether anything under one of the paths differs between two commits; true when `from` is not known. */
  hasChanged(
    repository: RepositoryRef,
    from: string,
    to: string,
    paths: readonly string[],
  ): Promise<boolean>;
  /** Whether `ancestor` is `commit` or one of its ancestors; false when either is not in the mirror. */
  isAncestor(repository: RepositoryRef, ancestor: string, commit: string): Promise<boolean>;
  /** Object ID of the tree (or file) at a path of a commit, or null when there is none. */
  objectId(repository: RepositoryRef, sha: string, path: string): Promise<string | null>;
  /**
   * The folder at `path` as a tar stream, `.dockerignore` honoured (the Dockerfile always kept). The stream fails
   * with `context_too_large` above `maxBytes`.
   */
  context(
    repository: RepositoryRef,
    want: {
      readonly sha: string;
      readonly path: string;
      readonly dockerfile: string;
      readonly maxBytes: number;
    },
  ): Promise<Readable>;
}
