import type { FileSpec, NetworkSpec, ServiceSpec } from "./swarm-objects.ts";

/** An image at a commit, built: content-keyed, knows no environment. Times are milliseconds since the epoch. */
export interface Build {
  /** Hex SHA-256 over context tree, Dockerfile, arguments and platform. */
  readonly key: string;
  readonly repositoryId: number;
  /** The immutable tag, `<registry or localhost>/<owner>/<app>:<first 16 of the key>`. */
  readonly image: string;
  /** The engine's image ID (`sha256:…`), checked before every use. */
  readonly imageId: string;
  /** In the registry that it was pushed to (`sha256:…`); null for an image of the engine only. */
  readonly digest: string | null;
  readonly createdAt: number;
  readonly durationMs: number;
}

/** The builds of a commit bound to one environment, immutable. */
export interface Release {
  readonly id: string;
  readonly repositoryId: number;
  readonly app: string;
  readonly environment: string;
  readonly version: string;
  readonly sha: string;
  readonly stack: ReleaseStack;
  readonly createdAt: number;
}

/**
 * A stack with its images bound: all that the Swarm shall hold, but for the bytes of configs and secrets, the names that
 * depend on these, and Skep's labels. Every list is sorted by name.
 */
export interface ReleaseStack {
  readonly services: readonly ReleaseService[];
  /** Those that the stack owns. */
  readonly networks: readonly NetworkSpec[];
  readonly configs: readonly ReleaseFile[];
  readonly secrets: readonly ReleaseFile[];
  /** What must be there already, by full name. */
  readonly external: {
    readonly networks: readonly string[];
    readonly configs: readonly string[];
    readonly secrets: readonly string[];
  };
}

/** A service of a stack. */
export interface ReleaseService {
  /** As the file calls it. */
  readonly key: string;
  /**
   * As `docker stack deploy` would send it, with Skep's update settings where the file leaves them open and the image
   * that it runs. Configs and secrets of the stack are called by `ReleaseFile.cliName`.
   */
  readonly spec: ServiceSpec;
  readonly image: ReleaseImage;
  readonly dependsOn: readonly Dependency[];
}

/** What a service runs. */
export interface ReleaseImage {
  /** The reference in the file, or the tag of what was built. */
  readonly reference: string;
  /** Null for an image that was given. */
  readonly buildKey: string | null;
  /** In the registry (`sha256:…`); null when it was not asked for. */
  readonly digest: string | null;
  /** The engine's ID of a built image (`sha256:…`); null for a given one. */
  readonly imageId: string | null;
  /** What it runs on; null where nobody said. */
  readonly platforms: readonly Platform[] | null;
}

/** In Docker's words, such as `linux` and `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** A service of the same stack that must have come so far before this one is started. */
export interface Dependency {
  readonly key: string;
  readonly condition: "service_started" | "service_healthy" | "service_completed_successfully";
}

/** A config or secret that the stack owns. */
export interface ReleaseFile {
  readonly key: string;
  /** The name by `docker stack deploy`'s rules: `<stack>_<key>`, or the file's own. */
  readonly cliName: string;
  /**
   * Hex HMAC-SHA256 under the server's key, of the bytes and of all else that cannot be changed once it is created
   * (`Templating`, `Driver`). Equal keys mean that nothing has to be created.
   */
  readonly contentKey: string;
  /** File of the repository that holds the bytes; null when a driver gives them. */
  readonly path: string | null;
  readonly bytes: number;
  /** Without `Data`; `Name` is `cliName`. */
  readonly spec: FileSpec;
}

/** What an image is built from; paths are relative to the repository's root. */
export interface BuildDefinition {
  /** Folder. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
}

/** A stack as read from a commit, before anything is built. */
export interface StackDraft {
  readonly services: readonly DraftService[];
  readonly networks: ReleaseStack["networks"];
  readonly configs: ReleaseStack["configs"];
  readonly secrets: ReleaseStack["secrets"];
  readonly external: ReleaseStack["external"];
}

/** A service that may have to be built; the `Image` of its spec is empty then. */
export interface DraftService extends Omit<ReleaseService, "image"> {
  /** Null when it runs a given image, that of the spec. */
  readonly build: BuildDefinition | null;
}
