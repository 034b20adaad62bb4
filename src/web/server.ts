import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { SkepError, toSkepError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { type NodeHandler, WEBHOOK_PATH } from "./intake/intake.ts";

/** What the server serves, and where. */
export interface ServerDeps {
  /** Answers webhooks. */
  readonly intake: NodeHandler;
  /** Answers all the rest, e.g. a Hono app. */
  readonly web: {
    fetch(request: Request, bindings: object): Response | Promise<Response>;
  };
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A listening server. */
export interface WebServer {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly address: string;
  /** Takes no more connections; resolves when all requests are answered, those that take over `graceMs` are cut. */
  close(graceMs?: number): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
// Longer than the idle timeouts of common proxies, so that they and not we close a connection that they may reuse.
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const GRACE_MS = 3_000;

/** Starts to listen. Throws `settings_invalid` when the address cannot be used. */
export async function createServer(deps: ServerDeps): Promise<WebServer> {
  const pages = getRequestListener((request, bindings) => deps.web.fetch(request, bindings), {
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      deps.log.error({ err: toSkepError(error) }, "answering a request");
      return new Response("something went wrong\n", { status: 500 });
    },
  });
  const server = createHttpServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    (request, response) => {
      // A sender that goes away is no news.
      response.on("error", () => undefined);
      // While closing, a connection ends with its answer.
      response.once("close", () => {
        if (!server.listening) setImmediate(() => server.closeIdleConnections());
      });
      const [path] = (request.url ?? "").split("?", 1);
      const answered =
        path === WEBHOOK_PATH ? deps.intake(request, response) : pages(request, response);
      answered.catch((error: unknown) => {
        deps.log.error({ err: toSkepError(error) }, "answering a request");
        response.destroy();
      });
    },
  );
  await listen(server, deps);
  return {
    address: addressOf(server),
    close: (graceMs = GRACE_MS) => close(server, deps, graceMs),
  };
}

async function listen(server: Server, deps: ServerDeps): Promise<void> {
  server.listen({ host: deps.host, port: deps.port });
  try {
    await once(server, "listening");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new SkepError("settings_invalid", `listening for requests: ${cause}`, {
      cause: error,
      nextStep: "Choose another address with HOST and PORT, or end what uses this one.",
    });
  }
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") return String(address);
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

async function close(server: Server, deps: ServerDeps, graceMs: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const patience = new AbortController();
  const cut = deps.clock.sleep(graceMs, patience.signal).then(
    () => server.closeAllConnections(),
    () => undefined,
  );
  await closed;
  patience.abort();
  await cut;
}
