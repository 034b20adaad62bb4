import { createHash } from "node:crypto";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Sessions } from "../store/ports.ts";
import { isFromLoopback } from "./loopback.ts";
import type { WebContext } from "./web-ports.ts";

/** How long things last, in milliseconds. */
export interface SessionSettings {
  readonly codeMs: number;
  readonly sessionMs: number;
}

/** What signing in needs. */
export interface OperatorSessionDeps {
  readonly sessions: Sessions;
  readonly settings: SessionSettings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly baseUrl: string;
  readonly openOnLoopback: boolean;
}

/** Knows the operator. Codes and session keys are stored as hashes only. */
export interface OperatorSession {
  /** Exchanges a one-time code for a cookie; false when the code is wrong, used or too old. */
  signIn(c: Context<WebContext>, code: string): Promise<boolean>;
  /** Whether the request is the operator's: by the cookie, or from loopback where that is open. */
  isOperator(c: Context<WebContext>): Promise<boolean>;
}

/** Sessions in the store, their key in a cookie that scripts cannot read and other sites cannot send along. */
export function createOperatorSession(deps: OperatorSessionDeps): OperatorSession {
  const { sessions, settings, clock, ids } = deps;
  const isSecure = new URL(deps.baseUrl).protocol === "https:";
  const name = isSecure ? "__Host-skep" : "skep";
  return {
    async signIn(c, code) {
      if (!(await sessions.redeemCode(hash(code.trim()), clock.now()))) return false;
      const key = ids.secret(32);
      await sessions.addSession(hash(key), clock.now() + settings.sessionMs);
      setCookie(c, name, key, {
        httpOnly: true,
        sameSite: "Lax",
        secure: isSecure,
        path: "/",
        maxAge: Math.floor(settings.sessionMs / 1_000),
      });
      return true;
    },
    async isOperator(c) {
      if (deps.openOnLoopback && isFromLoopback(c)) return true;
      const key = getCookie(c, name);
      return key !== undefined && (await sessions.hasSession(hash(key), clock.now()));
    },
  };
}

/**
 * Makes a one-time code and returns the link that signs the operator in with it. The code stands in the fragment,
 * which browsers do not send: it reaches no access log.
 */
export async function issueSignInLink(
  deps: Pick<OperatorSessionDeps, "sessions" | "settings" | "clock" | "ids" | "baseUrl">,
): Promise<string> {
  const code = deps.ids.secret(16);
  await deps.sessions.addCode(hash(code), deps.clock.now() + deps.settings.codeMs);
  return `${deps.baseUrl.replace(/\/+$/, "")}/login#${code}`;
}

function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
