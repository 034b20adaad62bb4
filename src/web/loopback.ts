import type { Context } from "hono";
import type { WebContext } from "./web-ports.ts";

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
const LOOPBACK_PEER =
  /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;
const PROXY_HEADERS = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/** The address of the other end of the connection; empty when it is not known. */
export function peerOf(c: Context<WebContext>): string {
  return c.env?.incoming?.socket.remoteAddress ?? "";
}

/**
 * Whether a browser on this very machine asks for this very machine. The Host header is checked too, so that a
 * foreign name that resolves to loopback (DNS rebinding) finds nothing; a request that a proxy passed on is not local.
 */
export function isFromLoopback(c: Context<WebContext>): boolean {
  return (
    LOOPBACK_PEER.test(peerOf(c)) &&
    LOOPBACK_HOST.test(c.req.header("host") ?? "") &&
    PROXY_HEADERS.every((name) => c.req.header(name) === undefined)
  );
}
