import { createRequire } from "node:module";
import protobuf from "protobufjs";
import { z } from "zod";

// dockerode's own decoder prints the output of steps as base64 and is not exported; its schema is fine.
const SCHEMA = createRequire(import.meta.url).resolve("dockerode/lib/proto/buildkit_status.proto");

const timestamp = z
  .object({ seconds: z.number(), nanos: z.number() })
  .nullable()
  .transform((time) => time && time.seconds * 1000 + Math.floor(time.nanos / 1e6));

const trace = z.object({
  vertexes: z.array(
    z.object({
      digest: z.string(),
      name: z.string(),
      cached: z.boolean(),
      started: timestamp,
      completed: timestamp,
      error: z.string(),
    }),
  ),
  logs: z.array(
    z.object({ vertex: z.string(), stream: z.number(), msg: z.instanceof(Uint8Array) }),
  ),
});

/** One message of BuildKit's progress: states of steps and pieces of their output. Times are milliseconds. */
export type BuildTrace = z.infer<typeof trace>;

/** Decodes one `moby.buildkit.trace` message, base64 of protobuf; throws on anything else. */
export type TraceDecoder = (base64: string) => BuildTrace;

/** Makes the decoder; reads its schema from disk once. */
export function createTraceDecoder(): TraceDecoder {
  const type = protobuf.loadSync(SCHEMA).lookupType("moby.buildkit.v1.StatusResponse");
  return (base64) => {
    const message = type.decode(Buffer.from(base64, "base64"));
    return trace.parse(type.toObject(message, { longs: Number, defaults: true }));
  };
}
