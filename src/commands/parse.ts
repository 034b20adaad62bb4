import type { Command } from "../command.ts";
import { VERBS } from "../command.ts";
import { nearest } from "../nearest.ts";
import type { CommandLine } from "./command-lines.ts";
import { commandLines } from "./command-lines.ts";
import { FOREIGN_WORDS, LATER_VERBS } from "./foreign-words.ts";
import { isCopyable, quote } from "./quote.ts";
import { asSeen, nameUnseen } from "./unseen.ts";
import type { Reading } from "./words.ts";
import { readWords, verbOf } from "./words.ts";

/** The most lines of one comment that are answered. */
export const MAX_COMMANDS = 10;

const SHORTEST_NEAR_MISS = 4;
const LONGEST_NEAR_MISS = 24;
const FURTHEST_NEAR_MISS = 2;

/** What one line of a comment is. `text` is the line as typed; hostile. */
export type Line =
  | {
      readonly kind: "command";
      /** From 1. */
      readonly line: number;
      readonly text: string;
      readonly command: Command;
    }
  | {
      readonly kind: "reply";
      /** From 1. */
      readonly line: number;
      readonly text: string;
      readonly code: "unknown_command" | "command_invalid";
      /** Complete in itself: what is wrong and, after a colon, what to do, the suggestion included. */
      readonly message: string;
      /** One command to be copied, safe to show; null when none is close. */
      readonly suggestion: string | null;
    };

type Outcome =
  | { readonly kind: "command"; readonly command: Command }
  | {
      readonly kind: "reply";
      readonly code: "unknown_command" | "command_invalid";
      readonly message: string;
      readonly suggestion: string | null;
    };

/**
 * The commands of a comment, in order; lines that are neither commands nor near misses are left out. At most
 * `MAX_COMMANDS` lines; one reply more stands for all beyond. Never throws.
 */
export function parseComment(body: string): readonly Line[] {
  const lines: Line[] = [];
  if (!body.includes("/")) return lines;
  for (const candidate of commandLines(body)) {
    const outcome = readLine(candidate);
    if (outcome === null) continue;
    const { line, text } = candidate;
    if (lines.length === MAX_COMMANDS) {
      const message = `more than ${MAX_COMMANDS} commands in one comment: write this one and those after it in another`;
      lines.push({ kind: "reply", line, text, code: "command_invalid", message, suggestion: null });
      break;
    }
    lines.push({ line, text, ...outcome });
  }
  return lines;
}

/** What a line that begins with `/` is; null when it is meant for somebody else. */
function readLine({ shown }: CommandLine): Outcome | null {
  const seen = asSeen(shown).trim();
  const head = /^[^ \t]*/u.exec(seen)?.[0].slice(1) ?? "";
  const verb = verbOf(head);
  if (verb === null) return readNearMiss(head, seen);
  const unseen = nameUnseen(shown);
  if (unseen !== null) {
    const message = `there is an invisible character (${unseen}) in the command: type it again by hand`;
    return { kind: "reply", code: "command_invalid", message, suggestion: null };
  }
  const reading = readWords(verb, wordsAfter(seen));
  if (reading.ok) return { kind: "command", command: reading.command };
  const { message, suggestion } = reading;
  return { kind: "reply", code: "command_invalid", message, suggestion };
}

function wordsAfter(line: string): readonly string[] {
  return line.split(/[ \t]+/u).slice(1);
}

function readNearMiss(head: string, line: string): Outcome | null {
  if (head.length < SHORTEST_NEAR_MISS || head.length > LONGEST_NEAR_MISS) return null;
  const word = head.replace(/[.,:;!?]+$/u, "").toLowerCase();
  if (LATER_VERBS.has(word)) {
    const message = `\`/${word}\` is not supported yet`;
    return { kind: "reply", code: "unknown_command", message, suggestion: null };
  }
  const verb = verbOf(word) ?? closeVerb(word);
  if (verb === null) return null;
  const reading: Reading = readWords(verb, wordsAfter(line));
  const suggestion = (reading.ok ? copyable(reading.command) : null) ?? `/${verb}`;
  const message = `${quote(`/${head}`)} is not a command: did you mean \`${suggestion}\`?`;
  return { kind: "reply", code: "unknown_command", message, suggestion };
}

function closeVerb(word: string): (typeof VERBS)[number] | null {
  if (FOREIGN_WORDS.has(word) || word.length < SHORTEST_NEAR_MISS) return null;
  // `/roll-back` is ours; any other word with a hyphen, such as `/deploy-preview`, is another's.
  if (word.includes("-")) return verbOf(word.replaceAll("-", ""));
  if (!/^[\p{L}\p{N}]+$/u.test(word)) return null;
  const alike = VERBS.filter((verb) => sharesLetters(word, verb));
  const close = nearest(word, alike, FURTHEST_NEAR_MISS);
  return close === null ? null : verbOf(close);
}

/** Whether the two can be near at all: told much faster than how near they are. */
function sharesLetters(word: string, verb: string): boolean {
  let strange = 0;
  for (const letter of word) if (!verb.includes(letter)) strange++;
  return strange <= FURTHEST_NEAR_MISS;
}

/** Prints a command so that parsing it gives the same again. */
export function printCommand(command: Command): string {
  const at = command.verb === "deploy" && command.at !== null ? ["at", command.at] : [];
  return [`/${command.verb}`, ...command.words, ...at].join(" ");
}

/** A command to be copied from an answer; null when it holds what must not be shown live, or would mean another. */
export function copyable(command: Command): string | null {
  const line = printCommand(command);
  if (!isCopyable(line)) return null;
  const [again] = parseComment(line);
  // An environment may be called `to`.
  return again?.kind === "command" && printCommand(again.command) === line ? line : null;
}
