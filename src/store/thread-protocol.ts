import { SkepError, toSkepError } from "../errors.ts";
import type { Transition } from "../deployment.ts";
import type { Store } from "./ports.ts";

/** The parts of the store whose methods are called across the thread. */
export type StorePart =
  "inbox" | "deployments" | "catalog" | "outbox" | "conversations" | "sessions";

/** One call of a store's method, as plain data. */
export interface StoreCall {
  readonly id: number;
  readonly part: StorePart;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What crosses the thread of an error. */
export type PlainError = Pick<
  SkepError,
  "code" | "message" | "retryable" | "details" | "nextStep" | "evidence"
>;

/** What the thread says: that it is ready, what was committed, and what came of each call. */
export type StoreNews =
  | { readonly kind: "opened" }
  | { readonly kind: "refused"; readonly error: PlainError }
  | { readonly kind: "closed" }
  | { readonly kind: "committed"; readonly transition: Transition }
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: PlainError };

/** An error as plain data. */
export function toPlainError(thrown: unknown): PlainError {
  const { code, message, retryable, details, nextStep, evidence } = toSkepError(thrown);
  return { code, message, retryable, details, nextStep, evidence };
}

/** The error again. */
export function fromPlainError({ code, message, nextStep, ...rest }: PlainError): SkepError {
  return new SkepError(code, message, { ...rest, ...(nextStep === null ? {} : { nextStep }) });
}

/** Calls a method of the store by its name. */
export async function callStore(store: Store, call: StoreCall): Promise<unknown> {
  const target = store[call.part];
  const method: unknown = Reflect.get(target, call.method);
  if (typeof method !== "function")
    throw new SkepError("internal", `using the store: it has no ${call.part}.${call.method}`);
  return await (Reflect.apply(method, target, call.args) as Promise<unknown>);
}
