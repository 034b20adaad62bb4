import { z } from "zod";

const settings = z.object({ secret: z.string(), path: z.string() });
const ready = z.object({ kind: z.literal("ready"), port: z.number() });

/** What a receiver of webhooks is started with: the secret, and where it stores them. */
export type ReceiverSettings = z.infer<typeof settings>;

/** Reads the settings in a receiver's own process. */
export function readSettings(): ReceiverSettings {
  return settings.parse(JSON.parse(process.argv[2] ?? ""));
}

/** What a receiver says once it listens. */
export function readyMessage(port: number): z.infer<typeof ready> {
  return { kind: "ready", port };
}

/** The port that a receiver told. */
export function readPort(message: object): number {
  return ready.parse(message).port;
}
