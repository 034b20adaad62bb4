import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Hono } from "hono";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import type { NodeHandler } from "../../src/web/intake/intake.ts";
import { createServer, type ServerDeps, type WebServer } from "../../src/web/server.ts";
import { createRecordedLog } from "../support/recorded-log.ts";

let server: WebServer | null = null;
afterEach(async () => {
  await server?.close(0);
  server = null;
});

const hook: NodeHandler = (request, response) => {
  response.end(`hook ${request.url ?? ""}`);
  return Promise.resolve();
};

async function start(overrides: Partial<ServerDeps> = {}): Promise<WebServer> {
  const web = new Hono();
  web.all("*", (c) => c.text(`page ${c.req.path}`));
  server = await createServer({
    intake: hook,
    web,
    host: "127.0.0.1",
    port: 0,
    clock: createSystemClock(),
    log: createRecordedLog(),
    ...overrides,
  });
  return server;
}

async function get(path: string): Promise<string> {
  return (await fetch(`${server?.address ?? ""}${path}`)).text();
}

describe("the server", () => {
  it("gives webhooks to the intake and the rest to the pages", async () => {
    await start();
    expect(await get("/api/github/webhooks")).toBe("hook /api/github/webhooks");
    expect(await get("/api/github/webhooks?x=1")).toBe("hook /api/github/webhooks?x=1");
    expect(await get("/api/github/webhooks/x")).toBe("page /api/github/webhooks/x");
    expect(await get("/")).toBe("page /");
  });

  it.each([
    "GET // HTTP/1.1",
    "GET http://[ HTTP/1.1",
    "GET /%ff%00 HTTP/1.1",
    "OPTIONS * HTTP/1.1",
  ])("survives %j", async (line) => {
    const { address } = await start();
    const socket = connect(Number(new URL(address).port), "127.0.0.1");
    socket.write(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 [2345]/);
    expect(await get("/")).toBe("page /");
  });

  it("answers 500 when a page breaks, and goes on", async () => {
    const log = createRecordedLog();
    await start({
      log,
      web: {
        fetch: (request) => {
          if (request.url.endsWith("/broken")) throw new Error("secret cause");
          return new Response("fine");
        },
      },
    });
    const response = await fetch(`${server?.address ?? ""}/broken`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret cause");
    expect(await get("/")).toBe("fine");
  });

  it("cuts the connection when the intake breaks, and goes on", async () => {
    const log = createRecordedLog();
    await start({ log, intake: () => Promise.reject(new Error("broken")) });
    await expect(get("/api/github/webhooks")).rejects.toThrow();
    expect(log.lines).toHaveLength(1);
    expect(await get("/")).toBe("page /");
  });

  it("says what to do when the address is taken", async () => {
    const { address } = await start();
    const port = Number(new URL(address).port);
    const again = createServer({
      intake: hook,
      web: new Hono(),
      host: "127.0.0.1",
      port,
      clock: createSystemClock(),
      log: createRecordedLog(),
    });
    await expect(again).rejects.toMatchObject({
      code: "settings_invalid",
      message: `listening for requests: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    });
  });
});

describe("closing the server", () => {
  it("lets requests that run be answered, and takes no new ones", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const running = await start({
      intake: async (_request, response) => {
        begun.resolve();
        await gate.promise;
        response.end("answered");
      },
    });
    const answer = get("/api/github/webhooks");
    await begun.promise;
    const closing = running.close(10_000);
    await expect(fetch(running.address)).rejects.toThrow();
    gate.resolve();
    expect(await answer).toBe("answered");
    const started = performance.now();
    await closing;
    expect(performance.now() - started).toBeLessThan(2_000);
    server = null;
  });

  it("cuts what takes longer than its patience", async () => {
    const begun = Promise.withResolvers<void>();
    const running = await start({ intake: () => Promise.resolve(begun.resolve()) });
    const answer = get("/api/github/webhooks").catch(() => "cut");
    await begun.promise;
    await running.close(50);
    expect(await answer).toBe("cut");
    server = null;
  });
});
