import { posix } from "node:path";
import { describe, type FieldReading } from "./fields.ts";

const MOST_STACK_FILES = 20;

/** A folder or file within the repository, without `./`, doubled or trailing slashes. */
export function readPath(value: unknown): FieldReading<string> {
  const expected = "write a path within the repository, such as . or services/api";
  if (typeof value !== "string" || value === "" || value.length > 1000)
    return { ok: false, expected };
  const isUsable = !/^[:~-]|\p{Cc}|\\|:\/\//u.test(value);
  if (!isUsable) return { ok: false, expected };
  const tidy = posix.normalize(value).replace(/(?<=.)\/$/u, "");
  if (posix.isAbsolute(tidy) || tidy === ".." || tidy.startsWith("../")) {
    return { ok: false, expected: `it leaves the repository: ${expected}` };
  }
  return { ok: true, value: tidy };
}

/** Compose files of the repository in the order of merging: one path or a list of them. */
export function readStackPaths(value: unknown): FieldReading<readonly string[]> {
  if (!Array.isArray(value)) {
    const one = readStackPath(value);
    return one.ok ? { ok: true, value: [one.value] } : one;
  }
  const items: readonly unknown[] = value;
  if (items.length === 0)
    return { ok: false, expected: "write at least one file, such as stack.yml" };
  if (items.length > MOST_STACK_FILES) {
    return { ok: false, expected: `write at most ${MOST_STACK_FILES} files` };
  }
  const found: string[] = [];
  for (const [index, item] of items.entries()) {
    const refuse = (text: string): FieldReading<never> => ({
      ok: false,
      expected: `is ${describe(item)}: ${text}`,
      path: [index],
    });
    const one = readStackPath(item);
    if (!one.ok) return refuse(one.expected);
    if (found.includes(one.value)) return refuse("this file stands here already, name it once");
    found.push(one.value);
  }
  return { ok: true, value: found };
}

function readStackPath(value: unknown): FieldReading<string> {
  const expected = "write the path of a Compose file (.yml or .yaml), such as deploy/stack.yml";
  const path = readPath(value);
  if (!path.ok) {
    const leaves = path.expected.startsWith("it leaves the repository");
    return { ok: false, expected: leaves ? `it leaves the repository: ${expected}` : expected };
  }
  return /[^/]\.ya?ml$/u.test(path.value) ? path : { ok: false, expected };
}
