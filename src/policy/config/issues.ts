import type { z } from "zod";
import { describe } from "./fields.ts";
import { refuseKey } from "./keys.ts";
import { showPath, TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { readKey } from "./values.ts";

/** More would be read by nobody, and hostile files would make millions. */
const MOST_PROBLEMS = 200;

/** What a schema found, in words. `base` is where the value that it looked at stands in the file. */
export function toProblems(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  base: ConfigPath,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const issue of issues) {
    const inner = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const path: ConfigPath = [...base, ...inner];
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    for (const key of keys.slice(0, MOST_PROBLEMS)) problems.push(refuseKey(path, key));
    if (keys.length === 0) problems.push(refuseValue(path, issue, valueAt(value, inner)));
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return problems;
}

function refuseValue(path: ConfigPath, issue: z.core.$ZodIssue, found: unknown): Problem {
  const message =
    issue.code === "custom" ? issue.message : `is ${describe(found)}: write a mapping (key: value)`;
  return {
    path,
    level: "failure",
    title: TITLES.value,
    message: `\`${showPath(path)}\` ${message}.`,
  };
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value;
  for (const part of path) found = readKey(found, part);
  return found;
}
