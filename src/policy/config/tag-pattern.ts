import { compileGlob, type Glob } from "../../source/glob.ts";
import type { FieldReading } from "./fields.ts";

const LONGEST_PATTERN = 255;

/** Reads a pattern of tags: `*` (any characters but `/`), `?` (one) and `[..]` (one of some), else the name itself. */
export function readTagPattern(value: unknown): FieldReading<string> {
  const expected = 'write a pattern of tags in quotes, such as "v*"';
  if (typeof value !== "string" || value.length > LONGEST_PATTERN) return { ok: false, expected };
  if (value.startsWith("refs/")) return { ok: false, expected: "write the tag without refs/tags/" };
  if (value.includes("**")) return { ok: false, expected: "write * once: it stands for all but /" };
  const names = value.replaceAll(/\[[!^]?/gu, "[");
  const isPossible =
    /^(?![-/.])[^\s\p{Cc}~^:\\]+(?<![/.])$/u.test(names) && !/\.\.|\/\/|@\{/u.test(names);
  if (!isPossible) return { ok: false, expected };
  if (compile(value) !== null) return { ok: true, value };
  return { ok: false, expected: 'end its [ with a ], such as "v[0-9]*"' };
}

/** Whether a tag is one of those that a pattern stands for. */
export function matchesTag(pattern: string, tag: string): boolean {
  return compile(pattern)?.(tag, Array.from(tag)) ?? false;
}

/** `[!a]` means what `[^a]` does, as in a shell. */
function compile(pattern: string): Glob | null {
  return compileGlob(pattern.replaceAll("[!", "[^"));
}
