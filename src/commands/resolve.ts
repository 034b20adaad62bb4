import type { Command } from "../command.ts";
import { nearest } from "../nearest.ts";
import { quote } from "./quote.ts";
import type { KnownNames, Refusal } from "./word-refusals.ts";
import {
  nearEnvironment,
  refuseAmbiguous,
  refuseApp,
  refuseEnvironment,
  refuseNowhere,
  refuseOrder,
  refuseTargetFirst,
} from "./word-refusals.ts";

const MOST_RELEASES_BACK = 99;

/** What the words of a command mean, or why they mean nothing. */
export type Resolution =
  | {
      readonly kind: "resolved";
      /** Null where every environment is meant. */
      readonly environment: string | null;
      /** What a rollback goes back to: a version, a commit, or a number of releases (1 to 99) in digits. */
      readonly target: string | null;
    }
  | Refusal;

/** Which of the words is what; nothing of it needs to be named. */
interface Named {
  readonly kind: "named";
  readonly environment: string | null;
  readonly target: string | null;
}

/**
 * Which environment (and for a rollback which target) the words of a command mean, among those that exist. An
 * environment's name wins over the app's. Pure; refusals are values.
 */
export function resolveWords(command: Command, known: KnownNames): Resolution {
  if (command.verb === "help") return { kind: "resolved", environment: null, target: null };
  const named = nameWords(command, known);
  if (named.kind === "refused") return named;
  const { environment, target } = named;
  if (target !== null && !isTarget(target)) {
    const message = `${quote(target)} is no number of releases to go back: write 1 to ${MOST_RELEASES_BACK}, a version or a commit`;
    return { kind: "refused", code: "command_invalid", message, suggestion: null };
  }
  const isForAll = command.verb === "status" || command.verb === "history";
  if (environment !== null || isForAll) return { kind: "resolved", environment, target };
  const [only, ...others] = known.environments;
  if (only === undefined) return refuseNowhere(known);
  if (others.length > 0) return refuseAmbiguous(command, known, target);
  return { kind: "resolved", environment: only, target };
}

/** Digits are a number of releases, unless there are as many as a short commit has. */
function isTarget(target: string): boolean {
  return !/^\d{1,6}$/u.test(target) || /^[1-9]\d?$/u.test(target);
}

/** Sorts the words into app, environment and target, by their place and by what exists. */
function nameWords(command: Command, known: KnownNames): Named | Refusal {
  const [first, second, third] = command.words;
  if (first === undefined) return name(null);
  if (second === undefined) return nameOne(command, known, first);
  if (first === known.app && known.environments.includes(second)) {
    return name(second, third ?? null);
  }
  if (third !== undefined) {
    return first === known.app
      ? refuseEnvironment(command, known, second)
      : refuseApp(command, known, first);
  }
  return command.verb === "rollback"
    ? nameTwoOfRollback(command, known, [first, second])
    : refuseTwo(command, known, [first, second]);
}

function nameOne(command: Command, known: KnownNames, word: string): Named | Refusal {
  if (known.environments.includes(word)) return name(word);
  if (word === known.app) return name(null);
  return command.verb === "rollback"
    ? nameTarget(command, known, word)
    : refuseEnvironment(command, known, word);
}

function nameTwoOfRollback(
  command: Command,
  known: KnownNames,
  [first, second]: readonly [string, string],
): Named | Refusal {
  if (known.environments.includes(first)) return name(first, second);
  if (first === known.app) return nameTarget(command, known, second);
  if (!known.environments.includes(second)) return refuseEnvironment(command, known, first);
  return nearest(first, [known.app]) === null
    ? refuseTargetFirst(command, first, second)
    : refuseApp(command, known, first);
}

function refuseTwo(
  command: Command,
  known: KnownNames,
  [first, second]: readonly [string, string],
): Refusal {
  if (first === known.app) return refuseEnvironment(command, known, second);
  return known.environments.includes(first)
    ? refuseOrder(command, known, second)
    : refuseApp(command, known, first);
}

/** A rollback's last word is its target, unless it looks like a mistyped environment: versions have digits. */
function nameTarget(command: Command, known: KnownNames, word: string): Named | Refusal {
  const isMistyped = !/\d/u.test(word) && nearEnvironment(word, known) !== null;
  return isMistyped ? refuseEnvironment(command, known, word) : name(null, word);
}

function name(environment: string | null, target: string | null = null): Named {
  return { kind: "named", environment, target };
}
