import type { Command } from "../command.ts";
import { nearest } from "../nearest.ts";
import { copyable } from "./parse.ts";
import { quote } from "./quote.ts";
import { USAGE } from "./usage.ts";

const MOST_NAMED = 10;

/** The app and the environments that a repository has. */
export interface KnownNames {
  readonly app: string;
  readonly environments: readonly string[];
}

/** Why the words of a command mean nothing. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: "environment_unknown" | "environment_ambiguous" | "command_invalid";
  /** Complete in itself: what is wrong and, after a colon, what to do, the suggestion included. */
  readonly message: string;
  /** One command to be copied, safe to show; null when there is not exactly one to offer. */
  readonly suggestion: string | null;
}

/** The environment that a word most likely means; null when none is close. */
export function nearEnvironment(word: string, { environments }: KnownNames): string | null {
  const lower = word.toLowerCase();
  const same = environments.find((name) => name.toLowerCase() === lower);
  return same ?? nearest(word, environments);
}

/** No word names one of several environments. */
export function refuseAmbiguous(
  command: Command,
  known: KnownNames,
  target: string | null,
): Refusal {
  const choices = known.environments.map((name) => aim(command, name, target));
  const problem = `there are several environments and \`/${command.verb}\` names none`;
  return refuse("environment_ambiguous", problem, offer(command, choices));
}

/** The app has no environment at all. */
export function refuseNowhere(known: KnownNames): Refusal {
  const problem = `${quote(known.app)} has no environment`;
  return refuse("environment_unknown", problem, "add one to `.github/skep.yml`");
}

/** A word stands where an environment does, and is none. */
export function refuseEnvironment(command: Command, known: KnownNames, word: string): Refusal {
  const problem = `there is no environment ${quote(word)}`;
  const last = command.words.at(-1) ?? null;
  const target = command.verb === "rollback" && last !== word ? last : null;
  const near = nearEnvironment(word, known);
  if (near !== null) {
    return suggest("environment_unknown", problem, aim(command, near, target), command);
  }
  const isAlone = command.words.length === 1;
  if (isAlone && nearest(word, [known.app]) !== null) {
    const meant = copyable({ ...command, words: [known.app] });
    return suggest("environment_unknown", problem, meant, command);
  }
  const revisions = isAlone ? deploysOf(command, known, word) : [];
  if (revisions.length > 0) {
    return refuse("environment_unknown", problem, offer(command, revisions));
  }
  if (known.environments.length === 0) return refuseNowhere(known);
  const names = known.environments.slice(0, MOST_NAMED).map(quote);
  return refuse("environment_unknown", problem, `write ${list(names)}`);
}

/** A word stands where an app does, and is none. */
export function refuseApp(command: Command, known: KnownNames, word: string): Refusal {
  const problem = `there is no app ${quote(word)}`;
  const [, ...words] = command.words;
  const meant = copyable({ ...command, words: [known.app, ...words] });
  return known.environments.includes(words[0] ?? "")
    ? suggest("environment_unknown", problem, meant, command)
    : refuse("environment_unknown", problem, `the only one is ${quote(known.app)}`);
}

/** A word stands after the environment that belongs before it: the app, or what to deploy without `at`. */
export function refuseOrder(command: Command, known: KnownNames, word: string): Refusal {
  const [environment = ""] = command.words;
  const isApp = word === known.app;
  const meant: Command =
    command.verb === "deploy" && command.at === null && !isApp
      ? { verb: "deploy", words: [environment], at: word }
      : { ...command, words: isApp ? [word, environment] : [environment] };
  const problem = `${quote(word)} stands after the environment`;
  return suggest("command_invalid", problem, copyable(meant), command);
}

/** What to go back to stands before the environment. */
export function refuseTargetFirst(command: Command, target: string, environment: string): Refusal {
  const problem = `${quote(target)} stands before the environment`;
  return suggest("command_invalid", problem, aim(command, environment, target), command);
}

/** The same command for one environment; null when it must not be shown live. */
function aim(command: Command, environment: string, target: string | null): string | null {
  const words = target === null ? [environment] : [environment, target];
  return copyable({ ...command, words });
}

/** `/deploy v1.9.0` most likely means `/deploy <environment> at v1.9.0`. */
function deploysOf(command: Command, known: KnownNames, word: string): readonly (string | null)[] {
  const isRevision = /^v?\d+\.\d|^[0-9a-f]{7,64}$/u.test(word);
  if (command.verb !== "deploy" || command.at !== null || !isRevision) return [];
  return known.environments.map((name) => copyable({ verb: "deploy", words: [name], at: word }));
}

function offer(command: Command, lines: readonly (string | null)[]): string {
  const shown = lines
    .slice(0, MOST_NAMED)
    .map((line) => `\`${line ?? USAGE[command.verb].usage}\``);
  return `write ${list([...new Set(shown)])}`;
}

function suggest(
  code: Refusal["code"],
  problem: string,
  suggestion: string | null,
  { verb }: Command,
): Refusal {
  if (suggestion === null) return refuse(code, problem, `write \`${USAGE[verb].usage}\``);
  return { ...refuse(code, problem, `did you mean \`${suggestion}\`?`), suggestion };
}

function refuse(code: Refusal["code"], problem: string, advice: string): Refusal {
  return { kind: "refused", code, message: `${problem}: ${advice}`, suggestion: null };
}

function list(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} or ${last}`;
}
