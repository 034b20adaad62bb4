import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createAttemptLimit } from "./attempt-limit.ts";
import { peerOf } from "./loopback.ts";
import type { OperatorSession } from "./operator-session.ts";
import { signInPage } from "./pages/sign-in-page.ts";
import type { RenderPage } from "./render-answer.ts";
import type { WebContext } from "./web-ports.ts";

const HOME = "/deployments";
const NEXT = /^\/deployments(?:\/[\w-]{1,64})?$/;
const MAX_FORM_BYTES = 4 * 1024;

/** `/login`: the one-time code is exchanged for a cookie, at a rate that makes guessing hopeless. */
export function createSignInApp(deps: {
  readonly session: OperatorSession;
  readonly render: RenderPage;
  readonly clock: Clock;
  readonly log: Logger;
}): Hono<WebContext> {
  const { session, render, clock, log } = deps;
  const perPeer = createAttemptLimit({ clock, burst: 5, refillMs: 12_000 });
  const overall = createAttemptLimit({ clock, burst: 50, refillMs: 2_000 });

  async function signIn(c: Context<WebContext>): Promise<Response> {
    const wait = Math.max(perPeer.take(peerOf(c)), overall.take(""));
    if (wait > 0) {
      const seconds = Math.ceil(wait / 1_000);
      c.header("retry-after", String(seconds));
      const problem = `Too many attempts. Wait ${seconds} seconds and try again.`;
      return render(c, signInPage(HOME, problem), 429);
    }
    const form = await c.req.parseBody();
    const code = typeof form["code"] === "string" ? form["code"] : "";
    const next = safeNext(form["next"]);
    if (await session.signIn(c, code)) {
      log.info({ peer: peerOf(c) }, "the operator signed in");
      return c.redirect(next, 303);
    }
    log.warn({ peer: peerOf(c) }, "a sign-in failed");
    const problem =
      "This code is not valid: it was used already, or it has run out. Skep prints a new one when it starts.";
    return render(c, signInPage(next, problem), 403);
  }

  const app = new Hono<WebContext>();
  app.get("/login", (c) => render(c, signInPage(safeNext(c.req.query("next")), null), 200));
  const tooLarge = (c: Context<WebContext>): Promise<Response> =>
    render(c, signInPage(HOME, "This is no code: it is far too long."), 413);
  app.post("/login", bodyLimit({ maxSize: MAX_FORM_BYTES, onError: tooLarge }), signIn);
  return app;
}

/** Only our own pages: a link must not send the operator elsewhere. */
function safeNext(next: unknown): string {
  return typeof next === "string" && NEXT.test(next) ? next : HOME;
}
