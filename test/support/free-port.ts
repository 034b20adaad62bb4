import { createServer } from "node:net";

/** Below the ports that Swarm gives out, and the kernel for outgoing connections: those could be taken meanwhile. */
const PORTS = { first: 20_000, last: 29_999 } as const;
let nextPort = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));

/** A port of the loopback that nobody listens on, and that nobody else of this process is given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort;
    nextPort = port === PORTS.last ? PORTS.first : port + 1;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}
