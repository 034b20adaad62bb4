import { createHash } from "node:crypto";

/** All that decides what an image build yields. Two equal inputs give the same image; nothing else may enter. */
export interface BuildInput {
  /** Git object ID of the context's tree. */
  readonly contextTree: string;
  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfilePath: string;
  /** Git object ID of the Dockerfile. */
  readonly dockerfileId: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  /** Such as `linux/amd64`. */
  readonly platform: string;
}

/** Bumped when builds of the same input start to differ, so that no old image is taken for a new one. */
const KEY_VERSION = 1;

/** The content key of a build: hex SHA-256 over a canonical form, independent of the order of the arguments. */
export function buildKey(input: BuildInput): string {
  const args = Object.entries(input.args).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([
    KEY_VERSION,
    input.contextTree,
    input.dockerfilePath,
    input.dockerfileId,
    args,
    input.target,
    input.platform,
  ]);
  return createHash("sha256").update(canonical).digest("hex");
}

/**
 * The immutable tag of a build: `<registry>/<owner>/<app>:<first 16 of the key>`, always a valid reference. Without a
 * registry it begins with `localhost`, and is the engine's own.
 */
export function buildTag(build: {
  /** Host and path, such as `registry.example.com/team`; null for none. */
  readonly registry: string | null;
  readonly owner: string;
  readonly app: string;
  readonly key: string;
}): string {
  const { registry, owner, app, key } = build;
  return `${registry ?? "localhost"}/${pathComponent(owner)}/${pathComponent(app)}:${key.slice(0, 16)}`;
}

/** Keeps a path component to the grammar of references; 100 characters hold every name that GitHub allows. */
function pathComponent(name: string): string {
  const safe = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return safe.slice(0, 100).replaceAll(/^-|-$/g, "") || "app";
}
