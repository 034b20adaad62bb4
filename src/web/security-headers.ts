import type { MiddlewareHandler } from "hono";
import type { Ids } from "../ids.ts";
import type { WebContext } from "./web-ports.ts";

/** Headers that every answer carries: nothing is loaded from elsewhere, framed, sniffed or kept. */
export function securityHeaders(ids: Ids): MiddlewareHandler<WebContext> {
  return async (c, next) => {
    const nonce = ids.secret(16);
    c.set("nonce", nonce);
    await next();
    const { headers } = c.res;
    headers.set("content-security-policy", contentSecurityPolicy(nonce));
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    headers.set("referrer-policy", "no-referrer");
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    headers.set("permissions-policy", "camera=(), geolocation=(), microphone=()");
    headers.set("x-robots-tag", "noindex");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  };
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
