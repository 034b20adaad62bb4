import type { Contract } from "./contract.ts";

/** One call that went through {@link createContractFetch}. */
export interface ContractCall {
  readonly operationId: string | undefined;
  readonly method: string;
  /** Path and query without the base URL's prefix. */
  readonly path: string;
  readonly status: number;
  readonly requestProblems: readonly string[];
  readonly responseProblems: readonly string[];
  /** From sending until the answer was read, in milliseconds. */
  readonly durationMs: number;
}

/** How calls are judged and who hears of them. */
export interface ContractFetchOptions {
  /** The API's root, such as `https://api.github.com` or `http://127.0.0.1:4000/api/v3`. */
  readonly baseUrl: string;
  /** Called for each call with at least one problem; a test throws here or collects. */
  readonly onProblem?: (call: ContractCall) => void;
  /** Called for each call, good or bad. */
  readonly onRequest?: (call: ContractCall) => void;
}

/** Wraps `fetch` so that each request and answer is judged; hand it to Octokit as `request: { fetch }`. */
export function createContractFetch(
  contract: Contract,
  options: ContractFetchOptions,
): typeof fetch {
  const prefix = new URL(options.baseUrl).pathname.replace(/\/$/, "");
  return async (input, init) => {
    // Only a copy is read, so that what is sent stays exactly what the caller gave.
    const request = new Request(input instanceof Request ? input.clone() : input, init);
    const url = new URL(request.url);
    const bare = url.pathname.startsWith(`${prefix}/`)
      ? url.pathname.slice(prefix.length)
      : url.pathname;
    const asked = {
      method: request.method,
      path: bare + url.search,
      body: request.body ? await request.text() : undefined,
    };
    const verdict = contract.request(asked);
    const startedAt = performance.now();
    const response = await fetch(input, init);
    const body = response.status === 304 ? "" : await response.clone().text();
    const contentType = response.headers.get("content-type") ?? undefined;
    const answer = contract.response(asked, { status: response.status, contentType, body });
    const call: ContractCall = {
      operationId: verdict.operationId,
      method: asked.method,
      path: asked.path,
      status: response.status,
      requestProblems: verdict.problems,
      responseProblems: verdict.operationId === undefined ? [] : answer.problems,
      durationMs: performance.now() - startedAt,
    };
    options.onRequest?.(call);
    if (call.requestProblems.length + call.responseProblems.length > 0) options.onProblem?.(call);
    return response;
  };
}
