import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import type { Engine } from "../engine/engine.ts";
import { NODE_IMAGE } from "./base-image.ts";

const PROGRAM = new URL("./proxy-server.ts", import.meta.url);
const NAME = "skep-sandbox-proxy";
const INSIDE_PORT = 8080;
/** The port on the engine's own address; nobody but the host listener needs to know it. */
const PUBLISHED_PORT = 60_080;
const READY_DEADLINE_MS = 30_000;

/** The way from this machine's loopback to the apps of a private engine. */
export interface Proxy {
  /** The overlay network that a service joins to be reachable. */
  readonly network: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** What a person opens in the browser to see a service, or the service a route names. */
  url(app: string): string;
  /** Asks an app as a browser would, on machines too whose resolver does not know `*.localhost`. */
  get(app: string, path?: string): Promise<AppAnswer>;
  /** Takes down the listener, the proxy's service and, once nobody uses it, the network. */
  close(): Promise<void>;
}

/** What an app, or the proxy on its behalf, answered. */
interface AppAnswer {
  readonly status: number;
  readonly text: string;
}

/** How the proxy is reached and where it sends requests. */
export interface ProxyOptions {
  /** Port on 127.0.0.1; a free one if not given. */
  readonly port?: number;
  /** Name of the overlay network; `skep-sandbox` if not given. */
  readonly network?: string;
  /** The port that apps listen on unless the host name says another; 8080 if not given. */
  readonly targetPort?: number;
  /** First label of a host name → `service`, `service:port` or `address:port`. */
  readonly routes?: Readonly<Record<string, string>>;
}

/**
 * Starts the proxy as a service of the private Swarm and listens on this machine's loopback for
 * it. `http://<service>.localhost:<port>/` reaches a task of the service on port 8080,
 * `http://<service>.3000.localhost:<port>/` on port 3000. Needs the Node base image.
 */
export async function startProxy(
  engine: Pick<Engine, "socketPath" | "address">,
  options: ProxyOptions = {},
): Promise<Proxy> {
  const docker = new Docker({ socketPath: engine.socketPath });
  const network = options.network ?? "skep-sandbox";
  const created = await docker.createNetwork({
    Name: network,
    Driver: "overlay",
    Attachable: true,
    CheckDuplicate: true,
  });
  const config = await docker.createConfig({
    Name: NAME,
    Data: (await readFile(PROGRAM)).toString("base64"),
  });
  const service = await docker.createService(describeService(network, config.id, options));
  await waitUntilReady(engine.address);
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => forward(socket, engine.address, sockets));
  const port = await listen(listener, options.port ?? 0);
  return {
    network,
    port,
    url: (app) => `http://${app}.localhost:${port}/`,
    get: (app, path = "/") => getApp({ app, port, path }),
    async close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await docker.getService(service.id).remove();
      await docker.getConfig(config.id).remove();
      await removeNetwork(docker, created.id);
    },
  };
}

function describeService(
  network: string,
  configId: string,
  { targetPort = INSIDE_PORT, routes = {} }: ProxyOptions,
): Docker.CreateServiceOptions {
  const file = { Name: "/proxy-server.ts", UID: "0", GID: "0", Mode: 0o444 };
  return {
    Name: NAME,
    TaskTemplate: {
      ContainerSpec: {
        Image: NODE_IMAGE,
        Command: ["node", file.Name],
        Env: [
          `PROXY_LISTEN_PORT=${INSIDE_PORT}`,
          `PROXY_TARGET_PORT=${targetPort}`,
          `PROXY_ROUTES=${JSON.stringify(routes)}`,
        ],
        Configs: [{ ConfigID: configId, ConfigName: NAME, File: file }],
        StopGracePeriod: 1_000_000_000,
      },
      Networks: [{ Target: network }],
    },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [
        {
          Protocol: "tcp",
          TargetPort: INSIDE_PORT,
          PublishedPort: PUBLISHED_PORT,
          PublishMode: "host",
        },
      ],
    },
  };
}

async function waitUntilReady(address: string): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    const isReady = await fetch(`http://${address}:${PUBLISHED_PORT}/`).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    if (Date.now() > deadline) {
      throw new Error(
        `starting the sandbox's proxy: it does not answer after ${READY_DEADLINE_MS / 1_000} s: look at \`docker service logs ${NAME}\` of the private engine`,
      );
    }
    await delay(25);
  }
}

async function getApp(where: {
  readonly app: string;
  readonly port: number;
  readonly path: string;
}): Promise<AppAnswer> {
  const { app, port, path } = where;
  // Not `fetch`: it does not let its caller say the host name.
  const outgoing = request({
    host: "127.0.0.1",
    port,
    path,
    agent: false,
    headers: { host: `${app}.localhost:${port}` },
  });
  outgoing.end();
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve).once("error", reject);
  });
  return { status: reply.statusCode ?? 0, text: await text(reply) };
}

function forward(socket: Socket, address: string, sockets: Set<Socket>): void {
  const upstream = connect({ host: address, port: PUBLISHED_PORT });
  for (const [end, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    sockets.add(end);
    end.on("error", () => other.destroy());
    end.on("close", () => sockets.delete(end));
  }
  socket.pipe(upstream).pipe(socket);
}

async function listen(listener: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(port, "127.0.0.1", resolve);
  });
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  return address.port;
}

/** Waits for the proxy's own task to leave the network; a service that stays on it keeps it. */
async function removeNetwork(docker: Docker, id: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const obstacle = await docker
      .getNetwork(id)
      .remove()
      .then(
        () => "",
        (error: unknown) => String(error),
      );
    if (obstacle === "" || obstacle.includes("in use by service") || Date.now() > deadline) return;
    await delay(50);
  }
}
