import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";

/** A call that reached the stub, its API version taken off the path. */
export interface StubCall {
  readonly method: string;
  readonly version: string | null;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** What the stub does with a call: answer, hang up, or never answer. Text is sent as it is, the rest as JSON. */
export type StubAnswer =
  { readonly status: number; readonly body: unknown } | "hang up" | "never answer";

/** An engine that says what a test wants to hear. */
export interface StubEngine {
  readonly host: string;
  readonly calls: readonly StubCall[];
  close(): Promise<void>;
}

/** Starts a stub engine with a socket in `dir`. It knows `/version` (1.41) unless `answer` does. */
export async function startStubEngine(
  dir: string,
  answer: (call: StubCall) => StubAnswer | undefined,
): Promise<StubEngine> {
  const calls: StubCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const call = parseCall(request.method ?? "", request.url ?? "", Buffer.concat(chunks));
      calls.push(call);
      send(response, answer(call) ?? defaultAnswer(call));
    });
  });
  const path = join(dir, "engine.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parseCall(method: string, target: string, body: Buffer): StubCall {
  const url = new URL(target, "http://engine");
  const [, version = null, path = url.pathname] = /^\/v([\d.]+)(\/.*)$/u.exec(url.pathname) ?? [];
  return { method, version, path, query: url.searchParams, body: body.toString("utf8") };
}

function defaultAnswer({ path }: StubCall): StubAnswer {
  if (path === "/version") return { status: 200, body: { ApiVersion: "1.41" } };
  return { status: 404, body: { message: "page not found" } };
}

function send(response: ServerResponse, answer: StubAnswer): void {
  if (answer === "never answer") return;
  if (answer === "hang up") {
    response.destroy();
    return;
  }
  const { body, status } = answer;
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(isRaw ? body : JSON.stringify(body));
}
