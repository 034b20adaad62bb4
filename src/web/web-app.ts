import { Hono } from "hono";
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Logger } from "../logger.ts";
import { createAssets } from "./assets.ts";
import { createDeploymentsApp } from "./deployments-app.ts";
import { createHealthApp, type Probe } from "./health.ts";
import { createOperatorSession, type SessionSettings } from "./operator-session.ts";
import { brokenPage, notFoundPage } from "./pages/plain-pages.ts";
import { createRenderPage } from "./render-answer.ts";
import { securityHeaders } from "./security-headers.ts";
import { createSignInApp } from "./sign-in-app.ts";
import type { WebContext, WebLogs, WebStore } from "./web-ports.ts";

/** What the web pages need. */
export interface WebAppDeps {
  readonly store: WebStore;
  readonly logs: WebLogs;
  readonly sessions: SessionSettings;
  /** One for each part that `/readyz` shall ask. */
  readonly probes: Readonly<Record<string, Probe>>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Where people reach Skep; with https, the cookie is sent over https only. */
  readonly baseUrl: string;
  /** Where people see GitHub. */
  readonly githubUrl: string;
  /** Whether a browser on this machine needs no session. */
  readonly openOnLoopback: boolean;
}

/**
 * The pages, their live events and the health endpoints. What belongs to the operator answers 404 to anyone else,
 * exactly like an address that does not exist. To be served by Node: the connection's peer comes with the request.
 */
export function createWebApp(deps: WebAppDeps): Hono<WebContext> {
  const { clock, log } = deps;
  const assets = createAssets();
  const render = createRenderPage(assets);
  const session = createOperatorSession({
    ...deps,
    sessions: deps.store.sessions,
    settings: deps.sessions,
  });

  const app = new Hono<WebContext>();
  app.use(securityHeaders(deps.ids));
  app.notFound((c) => render(c, notFoundPage(c.req.path), 404));
  app.onError((error, c) => {
    log.error({ err: error, path: c.req.path }, "answering a page failed");
    return render(c, brokenPage(), 500);
  });
  app.route("/", createHealthApp(deps));
  app.route("/", assets.app);
  app.route("/", createSignInApp({ session, render, clock, log }));
  app.get("/", async (c) => c.redirect((await session.isOperator(c)) ? "/deployments" : "/login"));
  app.use(async (c, next) => ((await session.isOperator(c)) ? await next() : c.notFound()));
  app.route("/", createDeploymentsApp({ ...deps, render }));
  return app;
}
