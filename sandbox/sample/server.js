const { createReadStream, readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { hostname } = require("node:os");

// The line to change first: edit it, commit, push, and reload the page.
const GREETING = "Hello from Skep";

const page = readFileSync(`${__dirname}/public/index.html`, "utf8");

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://app");
  if (pathname === "/healthz") return response.end("ok\n");
  if (pathname === "/style.css") {
    response.setHeader("content-type", "text/css");
    return createReadStream(`${__dirname}/public/style.css`).pipe(response);
  }
  console.log(`${request.method} ${pathname}`);
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page.replaceAll("{{greeting}}", GREETING).replaceAll("{{task}}", hostname()));
});

server.listen(8080, () => console.log(`listening on 8080: ${GREETING}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
