import type { Command } from "../command.ts";
import { nearest } from "../nearest.ts";
import { copyable } from "./parse.ts";
import { quote } from "./quote.ts";
import { USAGE } from "./usage.ts";

const MOST_RELEASES_BACK = 99;
const MOST_NAMED = 10;

/** The app and the environments that a repository has. */
export interface KnownNames {
  readonly app: string;
  readonly environments: readonly string[];
}

/** What the words of a command mean, or why they mean nothing. */
export type Resolution =
  | {
      readonly kind: "resolved";
      /** Null where every environment is meant. */
      readonly environment: string | null;
      /** What a rollback goes back to: a version, a commit, or a number of releases (1 to 99) in digits. */
      readonly target: string | null;
    }
  | {
      readonly kind: "refused";
      readonly code: "environment_unknown" | "environment_ambiguous" | "command_invalid";
      /** Complete in itself: what is wrong and, after a colon, what to do, the suggestion included. */
      readonly message: string;
      /** One command to be copied, safe to show; null when there is not exactly one to offer. */
      readonly suggestion: string | null;
    };

interface Named {
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
  if ("kind" in named) return named;
  if (named.target !== null && !isTarget(named.target)) {
    const message = `${quote(named.target)} is no number of releases to go back: write 1 to ${MOST_RELEASES_BACK}, a version or a commit`;
    return { kind: "refused", code: "command_invalid", message, suggestion: null };
  }
  const isForAll = command.verb === "status" || command.verb === "history";
  if (named.environment !== null || isForAll) return { kind: "resolved", ...named };
  return resolveOnly(command, known, named);
}

/** Digits are a number of releases, unless there are as many as a short commit has. */
function isTarget(target: string): boolean {
  return !/^\d{1,6}$/u.test(target) || /^[1-9]\d?$/u.test(target);
}

/** Sorts the words into app, environment and target by their place and by what exists. */
function nameWords(command: Command, known: KnownNames): Named | Resolution {
  const { words } = command;
  const [first, second, third] = words;
  const isEnvironment = (word: string): boolean => known.environments.includes(word);
  if (first === undefined) return { environment: null, target: null };
  if (second === undefined) return nameOne(command, known, first);
  if (first === known.app && isEnvironment(second)) {
    return { environment: second, target: third ?? null };
  }
  if (third !== undefined) {
    return first === known.app
      ? unknownEnvironment(command, known, second)
      : unknownApp(command, known, first);
  }
  if (command.verb === "rollback") {
    if (isEnvironment(first)) return { environment: first, target: second };
    if (first === known.app) return nameTarget(command, known, second);
    return isEnvironment(second)
      ? unknownApp(command, known, first)
      : unknownEnvironment(command, known, first);
  }
  if (first === known.app) return unknownEnvironment(command, known, second);
  if (isEnvironment(first)) return afterEnvironment(command, known, first, second);
  return unknownApp(command, known, first);
}

function nameOne(command: Command, known: KnownNames, word: string): Named | Resolution {
  if (known.environments.includes(word)) return { environment: word, target: null };
  if (word === known.app) return { environment: null, target: null };
  return command.verb === "rollback"
    ? nameTarget(command, known, word)
    : unknownEnvironment(command, known, word);
}

/** A rollback's last word is its target, unless it looks like a mistyped environment. */
function nameTarget(command: Command, known: KnownNames, word: string): Named | Resolution {
  const meant = /\d/u.test(word) ? sameName(word, known) : nearest(word, known.environments);
  if (meant !== null) return unknownEnvironment(command, known, word);
  return { environment: null, target: word };
}

/** The environment whose name differs only in upper and lower case. */
function sameName(word: string, known: KnownNames): string | null {
  const lower = word.toLowerCase();
  return known.environments.find((name) => name.toLowerCase() === lower) ?? null;
}

function resolveOnly(command: Command, known: KnownNames, named: Named): Resolution {
  const [only, ...others] = known.environments;
  if (only === undefined) {
    const message = `${quote(known.app)} has no environments: name one in \`.github/skep.yml\``;
    return { kind: "refused", code: "environment_unknown", message, suggestion: null };
  }
  if (others.length === 0) return { kind: "resolved", environment: only, target: named.target };
  const choices = known.environments
    .slice(0, MOST_NAMED)
    .map((name) => aimed(command, name, named.target))
    .map((line) => line ?? USAGE[command.verb].usage);
  const message = `there are several environments and \`/${command.verb}\` names none: write ${list([...new Set(choices)])}`;
  return { kind: "refused", code: "environment_ambiguous", message, suggestion: null };
}

/** The same command for one environment, to be copied. */
function aimed(command: Command, environment: string, target: string | null): string | null {
  const words = target === null ? [environment] : [environment, target];
  return copyable({ ...command, words });
}

function unknownEnvironment(command: Command, known: KnownNames, word: string): Resolution {
  const meant = sameName(word, known) ?? nearest(word, known.environments);
  const target = command.words.at(-1);
  const isTargeted = command.verb === "rollback" && target !== undefined && target !== word;
  const suggestion = meant === null ? null : aimed(command, meant, isTargeted ? target : null);
  if (suggestion !== null) return unknown(`there is no environment ${quote(word)}`, suggestion);
  const revision = deployable(command, known, word);
  if (revision !== null) return unknown(`there is no environment ${quote(word)}`, revision);
  const names = known.environments.slice(0, MOST_NAMED).map(quote);
  const advice = names.length === 0 ? "there are none" : `write ${list(names)}`;
  const message = `there is no environment ${quote(word)}: ${advice}`;
  return { kind: "refused", code: "environment_unknown", message, suggestion: null };
}

/** `/deploy v1.9.0` most likely means `/deploy at v1.9.0`. */
function deployable(command: Command, known: KnownNames, word: string): string | null {
  const isAlone = command.verb === "deploy" && command.at === null && command.words.length === 1;
  const isRevision = /^v?\d+\.\d|^[0-9a-f]{7,64}$/u.test(word);
  const [only, ...others] = known.environments;
  if (!isAlone || !isRevision || only === undefined || others.length > 0) return null;
  return copyable({ verb: "deploy", words: [], at: word });
}

function unknownApp(command: Command, known: KnownNames, word: string): Resolution {
  const [, ...words] = command.words;
  const suggestion = copyable({ ...command, words: [known.app, ...words] });
  const problem = `there is no app ${quote(word)}`;
  if (suggestion !== null && known.environments.includes(words[0] ?? "")) {
    return unknown(problem, suggestion);
  }
  const message = `${problem}: the only one is ${quote(known.app)}`;
  return { kind: "refused", code: "environment_unknown", message, suggestion: null };
}

function unknown(problem: string, suggestion: string): Resolution {
  const message = `${problem}: did you mean \`${suggestion}\`?`;
  return { kind: "refused", code: "environment_unknown", message, suggestion };
}

/** Two words of which the first is an environment: the app may stand behind it, or a revision without `at`. */
function afterEnvironment(
  command: Command,
  known: KnownNames,
  environment: string,
  word: string,
): Resolution {
  const isApp = word === known.app;
  const meant: Command =
    command.verb === "deploy" && !isApp && command.at === null
      ? { verb: "deploy", words: [environment], at: word }
      : { ...command, words: isApp ? [known.app, environment] : [environment] };
  const suggestion = copyable(meant);
  const problem = `${quote(word)} stands after the environment`;
  const advice =
    suggestion === null
      ? `write \`${USAGE[command.verb].usage}\``
      : `did you mean \`${suggestion}\`?`;
  return { kind: "refused", code: "command_invalid", message: `${problem}: ${advice}`, suggestion };
}

function list(items: readonly string[]): string {
  const shown = items.map((item) => (item.startsWith("`") ? item : `\`${item}\``));
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} or ${last}`;
}
