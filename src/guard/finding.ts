import type { GuardRules } from "./rules.ts";

/** Something of a stack that the operator does not allow. */
export interface GuardFinding {
  readonly code: "not_allowed";
  /** Path of keys as in the Compose file, such as `services.web.volumes[0]`. */
  readonly key: string;
  /** What is asked for, which rule is against it, and how to go on; hostile text. */
  readonly message: string;
}

/** What every check of one stack shares. */
export interface GuardView {
  readonly stackName: string;
  readonly rules: GuardRules;
  /** Keeps a finding. `advice` says what to do; without it, only doing without helps. */
  refuse(key: string, problem: string, advice?: string): void;
}

/** One service, network, config or secret of a stack, as a check looks at it. */
export interface GuardedObject<Body> {
  /** Path of keys to it, such as `services.web`. */
  readonly key: string;
  readonly body: Body;
}

const LONGEST = 200;

/** Text of users within a message: one line, printable, short, told apart from the words around it. */
export function show(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return `"${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line}"`;
}

/** How to go on when only the operator can help. `entry` is what `key` would have to hold. */
export function ask(key: string, entry: string, instead?: string): string {
  const other = instead === undefined ? "" : `${instead}, or `;
  const text = `${other}ask the operator to allow ${entry} under \`${key}\` in skep.server.yml`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Templates are filled in by the Swarm, after anybody could look at the result. */
export function hasTemplate(text: string): boolean {
  return text.includes("{{");
}
