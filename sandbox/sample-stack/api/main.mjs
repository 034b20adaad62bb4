// What the web asks: reads from the cache, else from the store; tells the worker what is new.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { call } from "./call.mjs";

const DB = process.env.DB_URL ?? "http://db:8080";
const CACHE = process.env.CACHE_URL ?? "http://cache:8080";
const token = readFileSync(process.env.TOKEN_FILE ?? "/run/secrets/db-token", "utf8").trim();
const headers = { authorization: `Bearer ${token}` };
const isVerbose = process.env.LOG_LEVEL === "debug";

async function readEntries() {
  // A cache that is away makes it slower, not wrong.
  const cached = await call(`${CACHE}/values/entries`).catch(() => null);
  if (cached !== null) return { ...cached, from: "cache" };
  const stored = await call(`${DB}/entries`, { headers });
  await call(`${CACHE}/values/entries`, { method: "PUT", body: stored }).catch(() => null);
  return { ...stored, from: "db" };
}

async function answer(request) {
  const what = `${request.method} ${request.url}`;
  if (what === "GET /healthz") return [200, "ok"];
  if (isVerbose) console.log(what);
  if (what === "GET /entries") return [200, await readEntries()];
  if (what === "POST /entries") {
    const { text } = await json(request);
    const entry = await call(`${DB}/entries`, { method: "POST", headers, body: { text } });
    await call(`${CACHE}/values/entries`, { method: "DELETE" }).catch(() => null);
    await call(`${CACHE}/queues/new`, { method: "POST", body: entry }).catch(() => null);
    return [201, entry];
  }
  return [404, "nothing here"];
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    return [503, error.message];
  });
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log("listening"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
