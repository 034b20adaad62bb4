// Run as a program by the intake bench: sends webhooks over connections that are kept, and tells how long each took.
// It writes prepared bytes to bare sockets, so that it never is what is measured.
import { createHmac, randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

/** What to send: as fast as answers come (`rate` null), or so many requests a second whatever the answers do. */
export const loadOrder = z.object({
  port: z.number(),
  secret: z.string(),
  event: z.string(),
  body: z.string(),
  connections: z.number(),
  seconds: z.number(),
  rate: z.number().nullable(),
});

/** An order to send webhooks. */
export type LoadOrder = z.infer<typeof loadOrder>;

/** What came of it: how many were taken, in how many seconds, and how long each took. */
export interface LoadReport {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
}

type Send = () => Promise<void>;

/** One connection; `send` resolves when a 202 has been read whole. */
function createConnection(order: LoadOrder): { readonly send: Send; readonly socket: Socket } {
  const socket = connect(order.port, "127.0.0.1");
  socket.setNoDelay(true);
  const body = Buffer.from(order.body);
  const signature = createHmac("sha256", order.secret).update(body).digest("hex");
  const head = [
    "POST /api/github/webhooks HTTP/1.1",
    "host: 127.0.0.1",
    "content-type: application/json",
    `content-length: ${body.length}`,
    `x-github-event: ${order.event}`,
    `x-hub-signature-256: sha256=${signature}`,
    "x-github-delivery: ",
  ].join("\r\n");
  let answer = "";
  let answered: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null =
    null;
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
    if (!isWhole(answer)) return;
    if (answer.startsWith("HTTP/1.1 202 ")) answered?.resolve();
    else answered?.reject(new Error(`the server answered ${answer.slice(0, 200)}`));
    answer = "";
  });
  socket.on("error", (error) => answered?.reject(error));
  return {
    socket,
    send: () =>
      new Promise((resolve, reject) => {
        answered = { resolve, reject };
        socket.write(Buffer.concat([Buffer.from(`${head}${randomUUID()}\r\n\r\n`), body]));
      }),
  };
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length: (\d+)/im.exec(answer.slice(0, end))?.[1];
  if (length === undefined) return answer.endsWith("0\r\n\r\n");
  return answer.length >= end + 4 + Number(length);
}

async function sendAsFast(order: LoadOrder, sends: readonly Send[]): Promise<LoadReport> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + order.seconds * 1_000;
  await Promise.all(
    sends.map(async (send) => {
      for (let at = performance.now(); at < endsAt;) {
        await send();
        const now = performance.now();
        latenciesMs.push(now - at);
        at = now;
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: latenciesMs.length / seconds, latenciesMs };
}

/** Latencies count from when a request was due: a server that stalls is not spared those that pile up meanwhile. */
async function sendAtRate(
  order: LoadOrder,
  rate: number,
  sends: readonly Send[],
): Promise<LoadReport> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    sends.map(async (send) => {
      for (;;) {
        const index = next++;
        if (index >= rate * order.seconds) return;
        const dueAt = startedAt + (index * 1_000) / rate;
        await delay(Math.max(0, dueAt - performance.now()));
        await send();
        latenciesMs.push(performance.now() - dueAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: latenciesMs.length / seconds, latenciesMs };
}

async function run(order: LoadOrder): Promise<LoadReport> {
  const connections = Array.from({ length: order.connections }, () => createConnection(order));
  try {
    const sends = connections.map(({ send }) => send);
    return order.rate === null
      ? await sendAsFast(order, sends)
      : await sendAtRate(order, order.rate, sends);
  } finally {
    for (const { socket } of connections) socket.destroy();
  }
}

process.on("message", (message) => {
  run(loadOrder.parse(message)).then(
    (report) => process.send?.({ kind: "report", ...report }),
    (error: unknown) => process.send?.({ kind: "failed", message: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));
process.send?.({ kind: "ready" });
