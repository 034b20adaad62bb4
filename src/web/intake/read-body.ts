import type { IncomingMessage } from "node:http";

/** The body has more bytes than allowed; what is left of it was not read. */
export class BodyTooLarge extends Error {}

/** Reads a request's body, null when the sender went away meanwhile. Throws `BodyTooLarge` above `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) return void chunks.push(chunk);
      request.removeAllListeners("data").pause();
      reject(new BodyTooLarge());
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", () => resolve(null));
    request.once("close", () => resolve(null));
  });
}
