import type { Annotation } from "../../deployment.ts";

/** Where the file lies in every repository. */
export const CONFIG_PATH = ".github/skep.yml";

/** A place in the file: keys and list positions from the top. */
export type ConfigPath = readonly (string | number)[];

/** Something wrong (or doubtful) about one place of the file. */
export interface Problem {
  readonly path: ConfigPath;
  readonly level: "warning" | "failure";
  readonly title: string;
  /** Names the place, says what is wrong and ends in what to do. */
  readonly message: string;
}

/** Titles of annotations: the kinds of things that can be wrong. */
export const TITLES = {
  syntax: "not valid YAML",
  unknown: "unknown key",
  later: "not supported yet",
  value: "invalid value",
  combination: "impossible combination",
  doubt: "is this meant?",
} as const;

const MOST_ANNOTATIONS = 100;
const MOST_CHARACTERS = 120;

/** A remark on one line of the file. */
export function annotate(
  line: number,
  remark: { readonly level: Problem["level"]; readonly title: string; readonly message: string },
): Annotation {
  const { level, title, message } = remark;
  return { path: CONFIG_PATH, line: Math.max(1, line), level, title, message };
}

/** Remarks in the order of their lines, each once, and no more than a person would read. */
export function arrange(annotations: readonly Annotation[]): readonly Annotation[] {
  const unique = new Map(
    annotations.map((one) => [`${one.line}\n${one.title}\n${one.message}`, one]),
  );
  const sorted = [...unique.values()].toSorted((a, b) => a.line - b.line);
  if (sorted.length <= MOST_ANNOTATIONS) return sorted;
  const rest = sorted.length - MOST_ANNOTATIONS;
  const message = `${rest} more problems are not shown: mend these first.`;
  const line = sorted[MOST_ANNOTATIONS]?.line ?? 1;
  return [
    ...sorted.slice(0, MOST_ANNOTATIONS),
    annotate(line, { level: "failure", title: "more problems", message }),
  ];
}

/** A place as a person writes it: `service.ports[0].target`. */
export function showPath(path: ConfigPath): string {
  const text = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${quote(part)}`))
    .join("")
    .replace(/^\./u, "");
  return text === "" ? "the file" : text;
}

/** Text from the file, fit for a message: one line, printable, short. */
export function quote(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}
