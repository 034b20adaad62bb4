import type { Command, Verb } from "../command.ts";
import { VERBS } from "../command.ts";
import { nearest } from "../nearest.ts";
import { quote } from "./quote.ts";
import { USAGE } from "./usage.ts";

const LONGEST_WORD = 255;
const MOST_WORDS: Readonly<Record<Verb, number>> = {
  deploy: 2,
  rollback: 3,
  status: 2,
  history: 2,
  resume: 2,
  cancel: 2,
  retry: 2,
  help: 1,
};

/** What the words after a verb came to, or what is wrong with them. */
export type Reading =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly message: string; readonly suggestion: string | null };

/** The verb that a word is, upper or lower case; null for any other. */
export function verbOf(word: string): Verb | null {
  const lower = word.toLowerCase();
  return VERBS.find((verb) => verb === lower) ?? null;
}

/** Reads what stands after a verb. */
export function readWords(verb: Verb, typed: readonly string[]): Reading {
  if (typed.some((word) => word.length > LONGEST_WORD)) {
    return wrong(verb, `a word is longer than ${LONGEST_WORD} characters`);
  }
  // A dash that a phone made of two hyphens is meant as a flag too.
  const flag = typed.find((word) => /^[-\u2010-\u2015\u2212]/u.test(word));
  if (flag !== undefined) return wrong(verb, `${quote(flag)} is a flag, and \`/${verb}\` has none`);
  if (verb === "help") return readHelp(typed);
  const { words, at, problem } = takeKeywords(verb, typed);
  if (problem !== null) return wrong(verb, problem);
  if (words.length > MOST_WORDS[verb]) return wrong(verb, `too many words for \`/${verb}\``);
  return {
    ok: true,
    command: verb === "deploy" ? { verb, words, at } : { verb, words },
  };
}

interface Taken {
  readonly words: readonly string[];
  readonly at: string | null;
  readonly problem: string | null;
}

/** Takes `to` and `at <ref>` out of the words: `to` goes before the last word, `at` anywhere. */
function takeKeywords(verb: Verb, typed: readonly string[]): Taken {
  const words: string[] = [];
  let at: string | null = null;
  let hasTo = false;
  const fail = (problem: string): Taken => ({ words, at, problem });
  for (let i = 0; i < typed.length; i++) {
    const word = typed[i] ?? "";
    const keyword = word.toLowerCase();
    if (keyword !== "to" && keyword !== "at") {
      if (hasTo) return fail("more than one word after `to`");
      words.push(word);
      continue;
    }
    if (keyword === "at" && verb !== "deploy") return fail(`\`/${verb}\` takes no \`at\``);
    if (keyword === "to" && verb !== "deploy" && verb !== "rollback")
      return fail(`\`/${verb}\` takes no \`to\``);
    if (keyword === "at" ? at !== null : hasTo) return fail(`\`${keyword}\` stands there twice`);
    const next = typed[++i];
    if (next === undefined || isKeyword(next)) return fail(`\`${keyword}\` is followed by nothing`);
    if (keyword === "at") at = next;
    else {
      hasTo = true;
      words.push(next);
    }
  }
  return { words, at, problem: null };
}

function isKeyword(word: string): boolean {
  return ["to", "at"].includes(word.toLowerCase());
}

function readHelp(typed: readonly string[]): Reading {
  const [about] = typed;
  if (about === undefined) return { ok: true, command: { verb: "help", words: [] } };
  if (typed.length > 1) return wrong("help", "too many words for `/help`");
  const name = about.replace(/^\//u, "");
  const verb = verbOf(name);
  if (verb !== null) return { ok: true, command: { verb: "help", words: [verb] } };
  const close = nearest(name, VERBS, 2);
  if (close === null) return wrong("help", `there is no command ${quote(name)}`);
  const suggestion = `/help ${close}`;
  const message = `there is no command ${quote(name)}: did you mean \`${suggestion}\`?`;
  return { ok: false, message, suggestion };
}

function wrong(verb: Verb, problem: string): Reading {
  const message = `${problem}: write \`${USAGE[verb].usage}\``;
  return { ok: false, message, suggestion: null };
}
