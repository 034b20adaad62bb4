const DEFAULT_REGISTRY = "docker.io";
/** All are the same registry to the engine, and to whoever logged in to it. */
const DEFAULT_REGISTRY_HOSTS = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** An image's name apart from what follows it. */
export interface ImageName {
  readonly name: string;
  readonly tag: string | null;
  /** Such as `sha256:…`. */
  readonly digest: string | null;
}

/** Takes a reference apart, without judging whether it is one. */
export function splitReference(reference: string): ImageName {
  const at = reference.indexOf("@");
  const digest = at === -1 ? null : reference.slice(at + 1);
  const named = at === -1 ? reference : reference.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  if (colon === -1) return { name: named, tag: null, digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/** The reference with the tag that the engine means where none is said. */
export function withTag(reference: string): string {
  const { tag, digest } = splitReference(reference);
  return tag === null && digest === null ? `${reference}:latest` : reference;
}

/** Whether the reference means the same bytes for ever: it has a digest, or is an image's bare ID. */
export function isContentReference(reference: string): boolean {
  return splitReference(reference).digest !== null || /^(?:sha256:)?[0-9a-f]{64}$/u.test(reference);
}

/** Whether the reference is in no registry: `localhost/…`, as Skep calls what it builds for one engine. */
export function isEngineImage(reference: string): boolean {
  return reference.startsWith("localhost/");
}

/** The host, and port where it is said, of the registry that the engine would ask for this image. */
export function registryOf(reference: string): string {
  const slash = reference.indexOf("/");
  const first = slash === -1 ? "" : reference.slice(0, slash);
  const isHost = first === "localhost" || /[.:A-Z]/u.test(first);
  return isHost ? registryHost(first) : DEFAULT_REGISTRY;
}

/** One spelling for a registry's address: `https://registry.example.com/v2/` becomes `registry.example.com`. */
export function registryHost(address: string): string {
  const [host = ""] = address.replace(/^https?:\/\//u, "").split("/");
  const name = host.toLowerCase();
  return DEFAULT_REGISTRY_HOSTS.includes(name) ? DEFAULT_REGISTRY : name;
}
