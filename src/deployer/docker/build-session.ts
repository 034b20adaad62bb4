import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import protobuf from "protobufjs";
import { z } from "zod";
import type { ImageAccess } from "./image-pull.ts";

const OK = "0";
const UNIMPLEMENTED = "12";
const CREDENTIALS = "/moby.filesync.v1.Auth/Credentials";
/** A message of gRPC begins with a byte that says whether it is compressed, and its length in four. */
const FRAME_HEAD = 5;
const LARGEST_QUESTION = 64 * 1024;

/**
 * Opens the session that BuildKit asks for registry credentials and the like: with these it pulls base images. Every
 * other question is answered with "unimplemented", which BuildKit takes for "anonymous". Returns the way to close it.
 */
export async function openBuildSession(
  { client, registryAuth }: ImageAccess,
  id: string,
  signal: AbortSignal,
): Promise<() => void> {
  const socket = await client.openSession(id, signal);
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => sessions.add(session));
  server.on("sessionError", () => socket.destroy());
  server.on("stream", (stream, headers) => {
    stream.on("error", () => stream.destroy());
    if (headers[":path"] !== CREDENTIALS) return refuse(stream);
    return answerOnce(stream, (question) => credentials(readHost(question), registryAuth));
  });
  socket.on("error", () => socket.destroy());
  server.emit("connection", socket);
  return () => {
    for (const session of sessions) session.destroy();
    socket.destroy();
  };
}

function refuse(stream: ServerHttp2Stream): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": UNIMPLEMENTED },
    { endStream: true },
  );
}

/** Answers a call of one message with one message. */
function answerOnce(stream: ServerHttp2Stream, answer: (question: Buffer) => Uint8Array): void {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > LARGEST_QUESTION) stream.destroy();
    else chunks.push(chunk);
  });
  stream.on("end", () => {
    const message = answer(Buffer.concat(chunks).subarray(FRAME_HEAD));
    const head = Buffer.alloc(FRAME_HEAD);
    head.writeUInt32BE(message.length, 1);
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": OK }));
    stream.end(Buffer.concat([head, message]));
  });
}

/** `CredentialsRequest { string Host = 1 }` of BuildKit's auth.proto; empty for what is none. */
function readHost(message: Buffer): string {
  try {
    const reader = protobuf.Reader.create(message);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) return reader.string();
      reader.skipType(tag & 7);
    }
  } catch {
    // Not a message of this kind: nobody's login is given away for it.
  }
  return "";
}

const login = z.object({
  username: z.string().default(""),
  password: z.string().default(""),
  identitytoken: z.string().default(""),
});

/** `CredentialsResponse { string Username = 1; string Secret = 2 }`; both empty for "anonymous". */
function credentials(host: string, registryAuth: ImageAccess["registryAuth"]): Uint8Array {
  const header = host === "" ? null : registryAuth(`${host}/image`);
  if (header === null) return new Uint8Array();
  const given: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
  const { username, password, identitytoken } = login.parse(given);
  // A token stands for itself, as the Docker CLI has it.
  const [name, secret] = identitytoken === "" ? [username, password] : ["", identitytoken];
  return protobuf.Writer.create().uint32(10).string(name).uint32(18).string(secret).finish();
}
