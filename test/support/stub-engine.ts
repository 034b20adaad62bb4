import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";

/** A call that reached the stub, its API version taken off the path. */
export interface StubCall {
  readonly method: string;
  readonly version: string | null;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * What the stub does with a call: answer, hang up, or never answer. Text is sent as it is, the rest as JSON; with
 * `isCut` the answer breaks off after its body.
 */
export type StubAnswer =
  | { readonly status: number; readonly body: unknown; readonly isCut?: boolean }
  | "hang up"
  | "never answer";

/** An engine that says what a test wants to hear. */
export interface StubEngine {
  readonly host: string;
  readonly calls: readonly StubCall[];
  /** How many build sessions are open. */
  openSessions(): number;
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
      const { method = "", url = "", headers } = request;
      const call = { ...parseCall(method, url, Buffer.concat(chunks)), headers };
      calls.push(call);
      send(response, answer(call) ?? defaultAnswer(call));
    });
  });
  // A build session: the stub takes the connection over and asks nothing.
  const sessions = new Set<Duplex>();
  server.on("upgrade", (_request, socket) => {
    sessions.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("close", () => sessions.delete(socket));
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    socket.resume();
  });
  const path = join(dir, "engine.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    calls,
    openSessions: () => sessions.size,
    close: async () => {
      for (const socket of sessions) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parseCall(method: string, target: string, body: Buffer): Omit<StubCall, "headers"> {
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
  const { body, isCut, status } = answer;
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  response.writeHead(status, { "content-type": "application/json" });
  const content = isRaw ? body : JSON.stringify(body);
  if (isCut) response.write(content, () => response.destroy());
  else response.end(content);
}
