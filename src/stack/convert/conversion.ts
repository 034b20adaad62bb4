import type { StackModel } from "../model.ts";
import { compareBytes, own } from "./go-json.ts";

/** Why a stack cannot be deployed, or what Skep does otherwise than the CLI. */
export interface ConvertRemark {
  /** Stable, snake_case. */
  readonly code: string;
  /** Path of keys, such as `services.web.deploy.mode`. */
  readonly key: string;
  /** For what the CLI refuses too, in its words. */
  readonly message: string;
}

/** What every part of one conversion shares. */
export interface Conversion {
  readonly model: StackModel;
  /** The stack's name: the prefix of what it owns. */
  readonly stack: string;
  /** Exactly as the CLI, its faults included. */
  readonly asCli: boolean;
  /** Keeps why the stack cannot be deployed; the conversion goes on, so that all reasons are found at once. */
  refuse(problem: ConvertRemark): void;
  /** Keeps what is done otherwise than by the CLI. */
  note(note: ConvertRemark): void;
}

/** The label by which all that a stack owns is found. */
const NAMESPACE_LABEL = "com.docker.stack.namespace";

/** The full name of what a stack owns: its own fixed name, an external one's key, else the key with the prefix. */
export function fullName({ stack }: Conversion, key: string, object: Named | undefined): string {
  return fullNameIn(stack, key, object);
}

interface Named {
  readonly name?: string;
  readonly isExternal?: boolean;
}

/** The same for what has no conversion, by the stack's name. */
export function fullNameIn(stack: string, key: string, object: Named | undefined): string {
  return object?.name || (object?.isExternal === true ? key : `${stack}_${key}`);
}

/** The labels with the stack's own, which wins. */
export function stackLabels(
  { stack }: Conversion,
  labels: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return { ...labels, [NAMESPACE_LABEL]: stack };
}

/** The networks that a service joins, by key, sorted: `default` when it names none and shall join one. */
export function joinedNetworks(model: StackModel, service: string): readonly string[] {
  const { networks = {}, joinsNone = false } = own(model.services, service) ?? {};
  if (joinsNone) return [];
  const keys = Object.keys(networks);
  return keys.length === 0 ? ["default"] : keys.sort(compareBytes);
}
