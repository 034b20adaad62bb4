import type { MiddlewareHandler } from "hono";
import type { Contract, ContractRequest } from "../contract/contract.ts";
import type { Env } from "./caller.ts";
import type { RequestLog } from "./request-log.ts";

const hourlyLimit = 5000;

/** Removes the API's prefix from a path. */
export function withoutPrefix(path: string): string {
  return path.replace(/^\/api\/v3(?=\/|$)/, "");
}

/** Logs each API request, judges it and its answer, and adds the headers that every answer has. */
export function recordRequests(
  log: RequestLog,
  contract: Contract | undefined,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const path = withoutPrefix(url.pathname) + url.search;
    const { method } = c.req;
    const body = method === "GET" || method === "HEAD" ? undefined : await c.req.text();
    const request: ContractRequest = { method, path, body };
    const verdict = contract?.request(request);
    const used = log.count({ kind: "api" }) + 1;
    await next();
    for (const [name, value] of Object.entries(rateHeaders(used))) c.res.headers.set(name, value);
    const answer = {
      status: c.res.status,
      contentType: c.res.headers.get("content-type") ?? undefined,
      body: await c.res.clone().text(),
    };
    log.add({
      at: new Date().toISOString(),
      kind: "api",
      method,
      path,
      status: answer.status,
      operationId: verdict?.operationId,
      requestProblems: verdict?.problems ?? [],
      // What is not an operation has no answer to judge.
      responseProblems:
        contract && verdict?.operationId !== undefined
          ? contract.response(request, answer).problems
          : [],
      isFault: false,
    });
  };
}

function rateHeaders(used: number): Record<string, string> {
  return {
    "x-github-media-type": "github.v3; format=json",
    "x-ratelimit-limit": String(hourlyLimit),
    "x-ratelimit-remaining": String(Math.max(1, hourlyLimit - used)),
    "x-ratelimit-used": String(used),
    "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 3600),
    "x-ratelimit-resource": "core",
  };
}
