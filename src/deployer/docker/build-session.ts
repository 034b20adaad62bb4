import { createServer, type ServerHttp2Session } from "node:http2";
import type { DockerClient } from "./client.ts";

const UNIMPLEMENTED = "12";

/**
 * Opens the session that BuildKit asks for registry credentials and the like. Every question is answered with
 * "unimplemented", which BuildKit takes for "anonymous". Returns the way to close it.
 */
export async function openBuildSession(
  client: DockerClient,
  id: string,
  signal: AbortSignal,
): Promise<() => void> {
  const socket = await client.openSession(id, signal);
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => sessions.add(session));
  server.on("sessionError", () => socket.destroy());
  server.on("stream", (stream) => {
    stream.on("error", () => stream.destroy());
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": UNIMPLEMENTED },
      { endStream: true },
    );
  });
  socket.on("error", () => socket.destroy());
  server.emit("connection", socket);
  return () => {
    for (const session of sessions) session.destroy();
    socket.destroy();
  };
}
