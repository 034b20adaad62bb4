// Values and queues in memory: all of it may be lost at any time.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const values = new Map();
const queues = new Map();

async function answer(request) {
  const [, kind, name] = request.url.split("/");
  switch (`${request.method} ${kind}`) {
    case "GET healthz":
      return [200, "ok"];
    case "GET values":
      return values.has(name) ? [200, values.get(name)] : [404, null];
    case "PUT values":
      values.set(name, await json(request));
      return [200, null];
    case "DELETE values":
      values.delete(name);
      return [200, null];
    case "POST queues":
      queues.set(name, [...(queues.get(name) ?? []), await json(request)]);
      return [200, null];
    case "DELETE queues": {
      const all = queues.get(name) ?? [];
      queues.delete(name);
      return [200, all];
    }
    default:
      return [404, null];
  }
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => [400, error.message]);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log("empty, and ready"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
