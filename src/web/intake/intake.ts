import { isUtf8 } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../clock.ts";
import { toSkepError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Delivery, Inbox } from "../../store/ports.ts";
import { BodyTooLarge, readBody } from "./read-body.ts";

/** Where GitHub sends its webhooks. */
export const WEBHOOK_PATH = "/api/github/webhooks";

/** A handler of Node's HTTP server that answers one request. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What the intake needs. */
export interface IntakeDeps {
  /** The App's webhook secret. */
  readonly secret: string;
  readonly inbox: Pick<Inbox, "insert">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when a delivery is on disk, also for one that was there before. Must not throw. */
  readonly onStored: (repositoryId: number | null, event: string) => void;
}

// GitHub sends nothing larger.
const BODY_LIMIT = 25 * 1024 * 1024;
// GitHub gives up after 10 s; a failed delivery can be sent again, a doubtful one not.
const STORE_TIMEOUT_MS = 8_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const EVENT = /^[a-z][a-z0-9_]{0,63}$/;

/** An answer to GitHub: the status, and a sentence for the person who looks at the delivery there. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Takes webhooks: checks the signature over the raw bytes, stores the delivery once and answers 202. Nothing that is
 * not signed with the secret is stored (400), and 503 tells GitHub that the delivery must be sent again.
 */
export function createIntake(deps: IntakeDeps): NodeHandler {
  const takeDeps = { ...deps, deadline: createSharedDeadline(deps.clock) };
  return async (request, response) => {
    const answer = await take(takeDeps, request).catch((error: unknown): Answer => {
      if (error instanceof BodyTooLarge) return { status: 413, text: "the body is over 25 MB" };
      deps.log.error({ err: toSkepError(error) }, "storing a delivery");
      return { status: 503, text: "the delivery could not be stored; send it again" };
    });
    if (response.destroyed) return;
    const text = Buffer.from(`${answer.text}\n`);
    const headers = {
      "content-type": "text/plain; charset=utf-8",
      // Without it, Node sends the answer in chunks.
      "content-length": text.length,
      ...extraHeaders(answer.status),
    };
    response.writeHead(answer.status, headers).end(text);
  };
}

function extraHeaders(status: number): Record<string, string> {
  if (status === 405) return { allow: "POST" };
  if (status === 503) return { "retry-after": "10" };
  // What is left of the body is not read.
  if (status === 413) return { connection: "close" };
  return {};
}

/** What taking one webhook needs. */
type TakeDeps = IntakeDeps & { readonly deadline: () => AbortSignal };

/** A deadline that all requests of one second share: one for each costs as much as parsing its body. */
function createSharedDeadline(clock: Clock): () => AbortSignal {
  let current = { freshUntil: Number.NEGATIVE_INFINITY, signal: new AbortController().signal };
  return () => {
    const now = clock.now();
    if (now >= current.freshUntil)
      current = { freshUntil: now + 1_000, signal: clock.deadline(STORE_TIMEOUT_MS) };
    return current.signal;
  };
}

async function take(deps: TakeDeps, request: IncomingMessage): Promise<Answer> {
  if (request.method !== "POST") return { status: 405, text: "only POST" };
  const receivedAt = deps.clock.now();
  const body = await readBody(request, BODY_LIMIT);
  if (body === null) return refuse("the request ended before its body did");
  if (!isSigned(body, request.headers["x-hub-signature-256"], deps.secret))
    return refuse("the signature is missing or wrong: check the App's webhook secret");
  const guid = request.headers["x-github-delivery"];
  const event = request.headers["x-github-event"];
  if (typeof guid !== "string" || !GUID.test(guid)) return refuse("X-GitHub-Delivery is no GUID");
  if (typeof event !== "string" || !EVENT.test(event)) return refuse("X-GitHub-Event is missing");
  const parsed = parsePayload(body);
  if (parsed === null) return refuse("the body is no JSON object: set the content type to JSON");
  return store(deps, { guid: guid.toLowerCase(), event, receivedAt, ...parsed });
}

function refuse(text: string): Answer {
  return { status: 400, text };
}

function isSigned(body: Buffer, header: string | string[] | undefined, secret: string): boolean {
  const hex = typeof header === "string" ? /^sha256=([0-9a-f]{64})$/.exec(header)?.[1] : undefined;
  if (hex === undefined) return false;
  const expected = createHmac("sha256", secret).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex"));
}

function parsePayload(body: Buffer): Pick<Delivery, "payload" | "repositoryId"> | null {
  try {
    if (!isUtf8(body)) return null;
    const payload = body.toString("utf8");
    const json: unknown = JSON.parse(payload);
    if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
    return { payload, repositoryId: repositoryIdOf(json) };
  } catch {
    return null;
  }
}

function repositoryIdOf(payload: object): number | null {
  const repository: unknown = "repository" in payload ? payload.repository : null;
  if (typeof repository !== "object" || repository === null || !("id" in repository)) return null;
  const { id } = repository;
  return typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? id : null;
}

async function store(deps: TakeDeps, delivery: Delivery): Promise<Answer> {
  const { guid, event, repositoryId } = delivery;
  const stored = deps.inbox.insert(delivery).then((result) => {
    deps.onStored(repositoryId, event);
    return result;
  });
  const result = await within(stored, deps.deadline());
  deps.log.debug({ delivery: guid, event, repositoryId, result }, "delivery taken");
  return { status: 202, text: result === "stored" ? "stored" : "known already" };
}

function within<T>(promise: Promise<T>, deadline: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error("the store did not answer in time"));
    deadline.addEventListener("abort", late, { once: true });
    promise.then(resolve, reject).finally(() => deadline.removeEventListener("abort", late));
  });
}
