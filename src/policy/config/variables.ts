import { isExtension } from "./keys.ts";
import { TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { isGoScalar } from "./scalars.ts";
import { showPath } from "./problem.ts";

/** A value of the file with `$$` read as a dollar sign, and what was wrong with other dollar signs. */
export interface Substituted {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Reads dollar signs as Compose does. Variables are not supported yet, so only `$$` means something; keys (and `x-`
 * entries) are left alone.
 */
export function substitute(value: unknown, path: ConfigPath): Substituted {
  const problems: Problem[] = [];
  return { value: walk(value, path, problems), problems };
}

function walk(value: unknown, path: ConfigPath, problems: Problem[]): unknown {
  if (typeof value === "string") {
    if (/\$/u.test(value.replaceAll("$$", ""))) problems.push(refuseVariable(path));
    return value.replaceAll("$$", "$");
  }
  if (typeof value !== "object" || value === null || isGoScalar(value)) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => walk(item, [...path, index], problems));
  }
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    entries
      .filter(([key]) => !isExtension(path, key))
      .map(([key, inner]) => [key, walk(inner, [...path, key], problems)]),
  );
}

function refuseVariable(path: ConfigPath): Problem {
  return {
    path,
    level: "failure",
    title: TITLES.later,
    message: `${showPath(path)} uses a variable, which is not supported yet: write $$ for a dollar sign.`,
  };
}
