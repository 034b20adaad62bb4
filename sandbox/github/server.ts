import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import type { Fault, Faults } from "./faults.ts";
import { isGitPath, serveGit, type Turns } from "./git-http.ts";
import type { RequestLog } from "./request-log.ts";
import { withoutPrefix } from "./request-recorder.ts";
import type { LiveHub } from "./webhooks.ts";

/** Serves pages, API and git on one port; a request first meets the faults that are laid out for it. */
export function createGitHubServer(parts: {
  readonly hub: LiveHub;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly turns: Turns;
}): Server {
  const { hub, faults, requests, turns } = parts;
  const listener = getRequestListener(parts.fetch, { overrideGlobalObjects: false });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = withoutPrefix(request.url ?? "/");
    const method = request.method ?? "GET";
    if (!isOwnHost(request.headers.host ?? "", hub.urls.web)) {
      response.writeHead(421).end("This address is not served here.");
      return;
    }
    const isGit = isGitPath(new URL(path, "http://local").pathname);
    const log = (status: number, isFault: boolean) =>
      requests.add({
        at: new Date().toISOString(),
        kind: isGit ? "git" : "api",
        method,
        path,
        status,
        operationId: undefined,
        requestProblems: [],
        responseProblems: [],
        isFault,
      });
    const fault = faults.take(method, path);
    if (fault && (await meetFault(fault, request, response))) return log(fault.status ?? 0, true);
    if (isGit) return log(await serveGit(hub, turns, request, response), false);
    await listener(request, response);
  };
  return createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
}

/** Refuses foreign names: a web site must not reach the pages by pointing its own name here. */
function isOwnHost(host: string, base: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  const isNumber = isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
  return isNumber || /(^|\.)localhost$/.test(hostname) || hostname === new URL(base).hostname;
}

/** Does what a fault says; returns whether the request is thereby over. */
async function meetFault(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (fault.delayMs !== undefined) await delay(fault.delayMs);
  if (fault.destroyAfter) {
    cutOnAnswer(request, response);
    return false;
  }
  if (fault.destroy) {
    request.socket.destroy();
    return true;
  }
  if (fault.status === undefined) return false;
  const isText = typeof fault.body === "string";
  const type = isText ? "text/plain" : "application/json; charset=utf-8";
  const body = isText
    ? fault.body
    : JSON.stringify(fault.body ?? { message: `Fault ${fault.status}` });
  request.resume();
  response.writeHead(fault.status, { "Content-Type": type, ...fault.headers });
  response.end(body);
  return true;
}

/** Lets the request be served, but cuts the connection instead of sending the answer. */
function cutOnAnswer(request: IncomingMessage, response: ServerResponse): void {
  const cut = (): ServerResponse => {
    request.socket.destroy();
    return response;
  };
  response.writeHead = cut;
  response.write = () => {
    cut();
    return false;
  };
  response.end = cut;
}
