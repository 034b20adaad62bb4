import { pino, stdSerializers } from "pino";
import { SkepError } from "./errors.ts";

/** What the parts need of a structured logger: data first, then a constant message. */
export interface Logger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Only name, code, message and stack of an error: request and payload stay out of the log. */
function serializeError(error: Error): object {
  const { type, message, stack } = stdSerializers.err(error);
  const code = error instanceof SkepError ? { code: error.code, details: error.details } : {};
  const cause = error.cause instanceof Error ? { cause: serializeError(error.cause) } : {};
  return { type, message, ...code, ...cause, stack };
}

/** One JSON line per event on standard output. */
export function createLogger(level: string): Logger {
  return pino({ level, serializers: { err: serializeError }, base: null });
}
