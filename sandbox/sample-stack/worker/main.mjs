// Counts the words of all entries whenever there are new ones.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { call } from "./call.mjs";

const DB = process.env.DB_URL ?? "http://db:8080";
const CACHE = process.env.CACHE_URL ?? "http://cache:8080";
const token = readFileSync(process.env.TOKEN_FILE ?? "/run/secrets/db-token", "utf8").trim();
const headers = { authorization: `Bearer ${token}` };
/** Longer than three rounds in which nobody answers. */
const STUCK_MS = 30_000;

let lastRound = Date.now();
let isEnding = false;

async function count() {
  const { entries } = await call(`${DB}/entries`, { headers });
  const texts = entries.map(({ text }) => text).join(" ");
  const words = texts.split(/\s+/).filter(Boolean).length;
  await call(`${DB}/words`, { method: "PUT", headers, body: { words } });
  await call(`${CACHE}/values/entries`, { method: "DELETE" });
  console.log(`${words} words in ${entries.length} entries`);
}

async function work() {
  // What was queued before a restart is gone with nobody to tell of it, so it counts once anyway.
  let isNew = true;
  while (!isEnding) {
    try {
      if (isNew) await count();
      isNew = (await call(`${CACHE}/queues/new`, { method: "DELETE" })).length > 0;
    } catch (error) {
      console.error(error.message);
    }
    lastRound = Date.now();
    await delay(500);
  }
}

// Nobody but the health check asks it.
const server = createServer((_, response) => {
  const isStuck = Date.now() - lastRound > STUCK_MS;
  response.writeHead(isStuck ? 503 : 200).end(isStuck ? "stuck\n" : "ok\n");
});
server.listen(Number(process.env.PORT ?? 8080));
process.on("SIGTERM", () => {
  isEnding = true;
  server.close();
});
await work();
process.exit(0);
