import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { sharedEngine } from "./engine.ts";

/** A way to the shared engine that can be shut: to whoever uses it, the engine is away then. */
export interface EngineDoor {
  /** For `DOCKER_HOST`. */
  readonly address: string;
  /** Cuts what goes on and refuses what comes. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

/** Opens a door to the shared engine on a socket of its own. */
export async function createEngineDoor(socketPath: string): Promise<EngineDoor> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((socket) => {
    if (!isOpen) return void socket.destroy();
    const engine = connect(sharedEngine().socketPath);
    for (const [end, other] of [
      [socket, engine],
      [engine, socket],
    ] as const) {
      sockets.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => sockets.delete(end));
    }
    socket.pipe(engine).pipe(socket);
  });
  server.listen(socketPath);
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `unix://${socketPath}`,
    shut() {
      isOpen = false;
      cut();
    },
    open() {
      isOpen = true;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}
