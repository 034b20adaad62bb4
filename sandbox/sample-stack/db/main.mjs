// A store in a single file: one line of JSON for each entry. One task may write it at a time.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const folder = process.env.DATA ?? "/data";
const token = readFileSync(process.env.TOKEN_FILE ?? "/run/secrets/db-token", "utf8").trim();
const file = `${folder}/entries.jsonl`;
const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
const entries = lines.filter(Boolean).map((line) => JSON.parse(line));
let words = null;

async function answer(request) {
  const what = `${request.method} ${request.url}`;
  if (what === "GET /healthz") return [200, "ok"];
  if (request.headers.authorization !== `Bearer ${token}`) return [401, "who are you?"];
  if (what === "GET /entries") return [200, { entries, words }];
  if (what === "POST /entries") {
    const { text } = await json(request);
    const entry = { text: String(text).slice(0, 500), at: new Date().toISOString() };
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
    entries.push(entry);
    return [201, entry];
  }
  if (what === "PUT /words") {
    words = Number((await json(request)).words);
    return [200, { words }];
  }
  return [404, "nothing here"];
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => [400, error.message]);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});

// Says at once, and in the deployment's log, when the volume cannot be written.
writeFileSync(`${folder}/.writable`, "");
const port = Number(process.env.PORT ?? 8080);
server.listen(port, () => console.log(`${entries.length} entries in ${file}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
