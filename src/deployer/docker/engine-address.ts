import { SkepError } from "../../errors.ts";

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

const DEFAULT_SOCKET = "/var/run/docker.sock";
const PLAIN_TCP_PORT = 2375;

/**
 * Reads the forms of `DOCKER_HOST` that Skep speaks: `unix://<path>` and `tcp://<host>[:<port>]`; empty means the
 * system's own socket. Throws `settings_invalid` for any other.
 */
export function parseEngineAddress(host: string | undefined): EngineAddress {
  if (host === undefined || host.trim() === "") return { kind: "socket", path: DEFAULT_SOCKET };
  const [, scheme, rest] = /^([a-z]+):\/\/(.*)$/u.exec(host.trim()) ?? [];
  if (scheme === "unix") {
    const path = rest || DEFAULT_SOCKET;
    if (path.startsWith("/")) return { kind: "socket", path };
  }
  if (scheme === "tcp" && URL.canParse(`http://${rest}`)) {
    const url = new URL(`http://${rest}`);
    const isPlain = url.username === "" && url.pathname === "/" && url.search === "";
    if (isPlain && url.hostname !== "") return { kind: "tcp", ...splitHost(url, rest ?? "") };
  }
  throw new SkepError("settings_invalid", `reading DOCKER_HOST: "${host}" is not an address`, {
    nextStep: "Set DOCKER_HOST to unix:///path/to/docker.sock or tcp://host:port, or leave it out.",
  });
}

/** The address as one would write it into `DOCKER_HOST`. */
export function describeAddress(address: EngineAddress): string {
  return address.kind === "socket"
    ? `unix://${address.path}`
    : `tcp://${address.host}:${address.port}`;
}

// WHATWG URLs drop port 80 of http, so that it has to be read from the text.
function splitHost(url: URL, rest: string): { readonly host: string; readonly port: number } {
  if (url.port !== "") return { host: url.hostname, port: Number(url.port) };
  return { host: url.hostname, port: /:80\/?$/u.test(rest) ? 80 : PLAIN_TCP_PORT };
}
