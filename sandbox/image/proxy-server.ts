// Runs inside the Swarm, alone in a container of the Node base image: nothing but Node's own
// modules may be imported here.
//
// It owns the one port that the sandbox publishes and sends each request to a task of the
// service that the host name's first label says. Tasks are looked up per request, as
// `tasks.<service>`: a service's virtual IP needs a kernel with IPVS, and a new or ending task
// is known at once this way.
import { Resolver } from "node:dns/promises";
import {
  createServer,
  type IncomingMessage,
  request as requestUpstream,
  type ServerResponse,
} from "node:http";
import { connect, isIPv4, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

interface Target {
  readonly service: string;
  readonly port: number;
}

type Connection = { readonly socket: Socket } | { readonly tasks: number };

const LISTEN_PORT = Number(process.env.PROXY_LISTEN_PORT ?? "8080");
const DEFAULT_PORT = Number(process.env.PROXY_TARGET_PORT ?? "8080");
/**
 * Host label → `service` or `service:port`, for apps whose label is not their service's name, or `address:port`, for
 * published ports.
 */
const ROUTES = new Map<string, string>(
  Object.entries(JSON.parse(process.env.PROXY_ROUTES ?? "{}")),
);
/** How long a request waits for a task that accepts it before it is answered 502 or 503. */
const PATIENCE_MS = 2_000;
const CONNECT_TIMEOUT_MS = 1_000;

const resolver = new Resolver({ timeout: 1_000, tries: 1 });
let turn = 0;

/** `web.localhost` → service web; `web.3000.localhost` → its port 3000. */
function findTarget(host: string | undefined): Target | undefined {
  const labels = (host ?? "").toLowerCase().replace(/:\d+$/u, "").split(".");
  const [label = "", second = ""] = labels;
  if (labels.length < 2 || !/^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/u.test(label)) return undefined;
  if (/^\d+$/u.test(label)) return undefined;
  const [service = label, port] = (ROUTES.get(label) ?? label).split(":");
  return { service, port: Number(/^\d+$/u.test(second) ? second : (port ?? DEFAULT_PORT)) };
}

async function listTasks(service: string): Promise<readonly string[]> {
  if (isIPv4(service)) return [service];
  const addresses = await resolver.resolve4(`tasks.${service}`).catch(() => []);
  turn += 1;
  const start = addresses.length === 0 ? 0 : turn % addresses.length;
  return [...addresses.slice(start), ...addresses.slice(0, start)];
}

async function connectTask(host: string, port: number): Promise<Socket | undefined> {
  const socket = connect({ host, port });
  socket.setTimeout(CONNECT_TIMEOUT_MS);
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy());
    socket.once("error", () => undefined);
    socket.once("close", () => resolve(undefined));
  });
}

/** Connects to any task that accepts, asking for the tasks again until patience ends. */
async function connectAny({ service, port }: Target): Promise<Connection> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const tasks = await listTasks(service);
    for (const task of tasks) {
      const socket = await connectTask(task, port);
      if (socket !== undefined) return { socket };
    }
    if (Date.now() > end) return { tasks: tasks.length };
    await delay(50);
  }
}

function explain(
  { service, port }: Target,
  tasks: number,
): readonly [status: number, text: string] {
  if (tasks === 0) {
    return [503, `no task of service ${service} runs: look at its deployment's log\n`];
  }
  const noun = tasks === 1 ? "its task refuses" : `its ${tasks} tasks refuse`;
  return [
    502,
    `service ${service} runs but ${noun} connections on port ${port}: let it listen there on all addresses, or name its port as in http://${service}.<port>.localhost/\n`,
  ];
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

/** Sends the request over a connection; false when the task closed it without any answer. */
async function forward(
  socket: Socket,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const upstream = requestUpstream({
    createConnection: () => socket,
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: {
      ...request.headers,
      connection: "close",
      "x-forwarded-for": request.socket.remoteAddress,
      "x-forwarded-host": request.headers.host,
      "x-forwarded-proto": "http",
    },
  });
  response.once("close", () => upstream.destroy());
  return new Promise((resolve) => {
    upstream.once("error", () => {
      if (response.headersSent) response.destroy();
      resolve(response.headersSent || response.destroyed);
    });
    upstream.once("response", (reply) => {
      reply.once("error", () => response.destroy());
      response.writeHead(reply.statusCode ?? 502, reply.statusMessage, reply.rawHeaders);
      reply.pipe(response);
      resolve(true);
    });
    request.pipe(upstream);
  });
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = findTarget(request.headers.host);
  if (target === undefined) {
    answer(response, 404, "no app named: open http://<app>.localhost/ with the port as above\n");
    return;
  }
  // A request without a body that a task dropped unanswered, as one that is being stopped
  // does, is as good as not sent; one with a body may have been acted on.
  const tries = request.method === "GET" || request.method === "HEAD" ? 3 : 1;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const connection = await connectAny(target);
    if (!("socket" in connection)) {
      answer(response, ...explain(target, connection.tasks));
      return;
    }
    if (await forward(connection.socket, request, response)) return;
  }
  answer(response, 502, `service ${target.service} closed the connection without an answer\n`);
}

async function handleUpgrade(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> {
  client.on("error", () => client.destroy());
  const target = findTarget(request.headers.host);
  const connection = target === undefined ? undefined : await connectAny(target);
  if (connection === undefined || !("socket" in connection)) {
    client.end("HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n");
    return;
  }
  const { socket } = connection;
  const { rawHeaders } = request;
  const lines = rawHeaders.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${rawHeaders[i + 1]}`]));
  socket.on("error", () => client.destroy());
  socket.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  socket.write(head);
  socket.pipe(client).pipe(socket);
}

const server = createServer((request, response) => void handle(request, response));
server.on("upgrade", (request, socket, head) => void handleUpgrade(request, socket, head));
server.listen(LISTEN_PORT);
process.once("SIGTERM", () => server.close(() => process.exit(0)));
