import { inspect } from "node:util";

/** A secret value that shows as `[REDACTED]` wherever it is printed, logged or turned into JSON. */
export interface Sensitive {
  /** The value itself, for the one place that needs it. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const REDACTED = "[REDACTED]";

/** Wraps a secret. */
export function createSensitive(value: string): Sensitive {
  const sensitive = {
    reveal: () => value,
    toString: () => REDACTED,
    toJSON: () => REDACTED,
  };
  return Object.defineProperty(sensitive, inspect.custom, {
    value: () => REDACTED,
    enumerable: false,
  });
}
