import type { RepositoryRef } from "../deployment.ts";
import type { Source } from "../source/ports.ts";
import type { Store } from "../store/ports.ts";

/** GitHub's roles in a repository, from least to most. */
export const ROLES = ["none", "read", "triage", "write", "maintain", "admin"] as const;

/** One of the roles. */
export type Role = (typeof ROLES)[number];

/** Who may do what in a repository, as GitHub says now. */
export interface Permissions {
  /**
   * The person's role; `none` for a stranger. A custom role counts as the one that it was made from. Throws
   * `github_unavailable`.
   */
  roleOf(repository: RepositoryRef, login: string): Promise<Role>;
}

/** The images of the engine, as far as a decision turns on them. */
export interface Images {
  /** The image's ID (`sha256:…`), or null when the engine does not have it. Throws `swarm_unreachable`. */
  imageId(reference: string): Promise<string | null>;
}

/** Where facts come from. */
export interface FactSources {
  readonly store: Store;
  readonly source: Source;
  readonly permissions: Permissions;
  readonly images: Images;
}
