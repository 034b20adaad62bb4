// Run as a program by the intake bench: the least that any receiver of webhooks has to do. Checks the signature,
// parses the body, and answers once the delivery is on disk, where what comes together shares one synced append.
import { createHmac, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { readyMessage, readSettings } from "./receiver.ts";

const { secret, path } = readSettings();
const handle = await open(path, "a");
let waiting: { readonly body: Buffer; readonly stored: () => void }[] = [];
let isSyncing = false;

async function sync(): Promise<void> {
  isSyncing = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    await handle.appendFile(Buffer.concat(batch.map(({ body }) => body)));
    await handle.datasync();
    for (const { stored } of batch) stored();
  }
  isSyncing = false;
}

async function append(body: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push({ body, stored: resolve });
  if (!isSyncing) void sync();
  await promise;
}

function isSigned(body: Buffer, { headers }: IncomingMessage): boolean {
  const given = Buffer.from(String(headers["x-hub-signature-256"] ?? ""));
  const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function take(request: IncomingMessage): Promise<number> {
  const body = await buffer(request);
  if (!isSigned(body, request)) return 400;
  JSON.parse(body.toString("utf8"));
  await append(body);
  return 202;
}

const server = createServer((request, response) => {
  take(request).then(
    (status) => response.writeHead(status, { "content-length": 0 }).end(),
    () => response.destroy(),
  );
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(readyMessage(address.port));
});
process.once("disconnect", () => process.exit(0));
