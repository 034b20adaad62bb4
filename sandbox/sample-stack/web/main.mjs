import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { call } from "./call.mjs";

const API = process.env.API_URL ?? "http://api:8080";
const settings = JSON.parse(readFileSync(process.env.SETTINGS ?? "/etc/web.json", "utf8"));
const page = readFileSync(`${import.meta.dirname}/public/index.html`, "utf8");
const style = readFileSync(`${import.meta.dirname}/public/style.css`, "utf8");

const escape = (value) => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

async function renderPage() {
  const { entries, words, from } = await call(`${API}/entries`);
  const newest = entries.toReversed().slice(0, settings.shown);
  const parts = {
    greeting: settings.greeting,
    task: hostname(),
    count: `${entries.length} entries, ${words ?? "not yet counted"} words, from the ${from}`,
  };
  const list = newest.map((entry) => `<li>${escape(entry.text)}</li>`).join("");
  return page
    .replaceAll(/\{\{(greeting|task|count)\}\}/g, (_, name) => escape(parts[name]))
    .replace("{{entries}}", () => list);
}

async function answer(request, response) {
  const what = `${request.method} ${request.url}`;
  if (what === "GET /healthz") return response.end("ok\n");
  if (what === "GET /style.css") return response.setHeader("content-type", "text/css").end(style);
  console.log(what);
  if (what === "POST /") {
    const entry = new URLSearchParams(await text(request)).get("text") ?? "";
    if (entry.trim() !== "") {
      await call(`${API}/entries`, { method: "POST", body: { text: entry } });
    }
    return response.writeHead(303, { location: "/" }).end();
  }
  if (what !== "GET /") return response.writeHead(404).end("nothing here\n");
  const html = await renderPage();
  return response.setHeader("content-type", "text/html; charset=utf-8").end(html);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    response.writeHead(503).end(`the API is away: ${error.message}\n`);
  });
});

const port = Number(process.env.PORT ?? 8080);
server.listen(port, () => console.log(`listening on ${port}: ${settings.greeting}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
