import { createHmac, randomUUID } from "node:crypto";
import { createServer, request as httpRequest, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import type { Delivery } from "../../src/store/ports.ts";
import { createIntake } from "../../src/web/intake/intake.ts";
import { createRecordedLog, type RecordedLog } from "../support/recorded-log.ts";
import { webhookExamples } from "../support/webhook-examples.ts";

const SECRET = "It's a Secret to Everybody";

let server: Server;
let url: string;
let stored: Delivery[];
let told: (number | null)[];
let log: RecordedLog;
let insert: (delivery: Delivery) => Promise<"stored" | "duplicate">;

beforeEach(async () => {
  stored = [];
  told = [];
  log = createRecordedLog();
  insert = (delivery) => {
    const isKnown = stored.some(({ guid }) => guid === delivery.guid);
    if (!isKnown) stored.push(delivery);
    return Promise.resolve(isKnown ? "duplicate" : "stored");
  };
  const intake = createIntake({
    secret: SECRET,
    inbox: { insert: (delivery) => insert(delivery) },
    clock: createSystemClock(),
    log,
    onStored: (repositoryId) => void told.push(repositoryId),
  });
  server = createServer((request, response) => void intake(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function sign(body: string | Buffer, secret = SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

function send(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  method = "POST",
): Promise<Response> {
  return fetch(url, {
    method,
    ...(method === "GET" ? {} : { body: new Uint8Array(Buffer.from(body)) }),
    headers: {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": sign(body),
      ...headers,
    },
  });
}

const PUSH = JSON.stringify({ ref: "refs/heads/main", repository: { id: 7 } });

describe("a signed delivery", () => {
  it("is stored as it came, then answered 202, then told", async () => {
    const guid = randomUUID();
    const body = `{ "repository" : {"id":7},  "text": "ümläut \\u0000 \\ud83d" }\n`;
    const response = await send(body, { "x-github-delivery": guid, "x-github-event": "check_run" });
    expect(response.status).toBe(202);
    expect(stored).toEqual([
      {
        guid,
        event: "check_run",
        repositoryId: 7,
        payload: body,
        receivedAt: expect.any(Number) as number,
      },
    ]);
    expect(told).toEqual([7]);
  });

  it("agrees with GitHub's published example of a signature", () => {
    expect(sign("Hello, World!")).toBe(
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    );
  });

  it("may have any name that GitHub gives its events", async () => {
    for (const event of new Set(webhookExamples().map((example) => example.event)))
      expect((await send(PUSH, { "x-github-event": event })).status, event).toBe(202);
  });

  it("is stored once, however often it comes, and answered 202 each time", async () => {
    const guid = randomUUID();
    const answers = [];
    for (const id of [guid, guid.toUpperCase(), guid])
      answers.push((await send(PUSH, { "x-github-delivery": id })).status);
    expect(answers).toEqual([202, 202, 202]);
    expect(stored).toHaveLength(1);
  });

  it.each([
    ["no repository", "{}"],
    ["null", '{"repository":null}'],
    ["a text", '{"repository":{"id":"7"}}'],
    ["a fraction", '{"repository":{"id":7.5}}'],
    ["a negative number", '{"repository":{"id":-7}}'],
    ["a list", '{"repository":[7]}'],
  ])("belongs to no repository when its id is %s", async (_, body) => {
    expect((await send(body)).status).toBe(202);
    expect(stored[0]?.repositoryId).toBeNull();
    expect(told).toEqual([null]);
  });

  it("may have 25 MB", async () => {
    const body = JSON.stringify({ text: "x".repeat(25 * 1024 * 1024 - 11) });
    expect(Buffer.byteLength(body)).toBe(25 * 1024 * 1024);
    expect((await send(body)).status).toBe(202);
  });
});

describe("what is refused with 400, and stored nowhere", () => {
  it.each([
    ["no signature", { "x-hub-signature-256": "" }],
    ["another secret's signature", { "x-hub-signature-256": sign(PUSH, "wrong") }],
    ["another body's signature", { "x-hub-signature-256": sign(`${PUSH} `) }],
    ["half a signature", { "x-hub-signature-256": sign(PUSH).slice(0, 40) }],
    ["a signature with more behind it", { "x-hub-signature-256": `${sign(PUSH)}00` }],
    ["the old kind of signature", { "x-hub-signature-256": sign(PUSH).replace("256", "1") }],
    ["a signature that is no hex", { "x-hub-signature-256": `sha256=${"z".repeat(64)}` }],
    ["no delivery id", { "x-github-delivery": "" }],
    ["a delivery id that is no GUID", { "x-github-delivery": "1'; drop table deliveries" }],
    ["no event", { "x-github-event": "" }],
    ["an event that is no name", { "x-github-event": "../push" }],
  ])("%s", async (_, headers) => {
    expect((await send(PUSH, headers)).status).toBe(400);
    expect(stored).toEqual([]);
    expect(told).toEqual([]);
  });

  it.each([
    ["no JSON", "ref=main"],
    ["a form", `payload=${encodeURIComponent(PUSH)}`],
    ["nothing", ""],
    ["a list", "[]"],
    ["a text", '"x"'],
    ["null", "null"],
    ["no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["a byte order mark", `\uFEFF${PUSH}`],
  ])("a signed body that is %s", async (_, body) => {
    expect((await send(body)).status).toBe(400);
    expect(stored).toEqual([]);
  });
});

describe("other trouble", () => {
  it.each(["GET", "PUT", "DELETE"])("answers %s with 405", async (method) => {
    const response = await send(PUSH, {}, method);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it("answers a body over 25 MB with 413 without reading it all", async () => {
    const request = httpRequest(url, {
      method: "POST",
      headers: { "content-length": String(26 * 1024 * 1024 + 1) },
    });
    request.on("error", () => undefined);
    request.write("x");
    const [response] = (await once(request, "response")) as [{ statusCode: number }];
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  it("answers an endless body of unknown length with 413", async () => {
    const request = httpRequest(url, { method: "POST" });
    request.on("error", () => undefined);
    const piece = Buffer.alloc(1024 * 1024);
    const answered = once(request, "response") as Promise<[{ statusCode: number }]>;
    for (let i = 0; i < 26; i++) request.write(piece);
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    request.destroy();
    expect(stored).toEqual([]);
  });

  it("answers 503 when the store is broken, so that GitHub shows a failed delivery", async () => {
    insert = () => Promise.reject(new Error("disk full"));
    const response = await send(PUSH);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("10");
    expect(told).toEqual([]);
    expect(log.lines).toMatchObject([{ level: "error", message: "storing a delivery" }]);
  });

  it("stores nothing of a sender that goes away in the middle", async () => {
    const request = httpRequest(url, { method: "POST", headers: { "content-length": "1000" } });
    request.on("error", () => undefined);
    request.write("{");
    await once(server, "request");
    request.destroy();
    expect((await send(PUSH)).status).toBe(202);
    expect(stored).toHaveLength(1);
  });

  it("never logs a payload or the secret", async () => {
    const body = JSON.stringify({ repository: { id: 7 }, token: "hunter2" });
    await send(body);
    await send(body, { "x-hub-signature-256": "sha256=00" });
    insert = () => Promise.reject(new Error("disk full"));
    await send(body);
    const text = JSON.stringify(log.lines);
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain(SECRET);
  });
});
