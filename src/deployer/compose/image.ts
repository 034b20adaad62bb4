const DEFAULT_REGISTRIES = ["docker.io/", "index.docker.io/"];

/**
 * An image reference as the Docker CLI sends it: `docker.io/library/nginx` becomes `nginx:latest`. References with a
 * digest stay as written but for the registry's prefix.
 */
export function normaliseImage(reference: string): string {
  let name = reference;
  for (const registry of DEFAULT_REGISTRIES) {
    if (name.startsWith(registry)) {
      name = name.slice(registry.length);
      break;
    }
  }
  if (name.startsWith("library/") && !name.slice("library/".length).includes("/")) {
    name = name.slice("library/".length);
  }
  const lastPart = name.slice(name.lastIndexOf("/") + 1);
  return lastPart.includes(":") || lastPart.includes("@") ? name : `${name}:latest`;
}
