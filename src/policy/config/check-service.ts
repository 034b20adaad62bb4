import type { Annotation } from "../../deployment.ts";
import { findDoubts } from "../../stack/doubts.ts";
import { draftStack, type DraftResult } from "../../stack/draft.ts";
import type { StackRemark } from "../../stack/model.ts";
import type { ConfigApp } from "./content.ts";
import { CONFIG_PATH, quote, TITLES, type Problem } from "./problem.ts";
import { OWN_VARIABLES } from "./variables.ts";

/** Notes on words of the file that have no effect. Of the others nobody has to act: the deployment's log tells them. */
const LOUD = new Set(["ignored_key", "image_name_ignored", "host_value", "changed_value"]);
const MOST_CHARACTERS = 600;
const MOST_ANNOTATIONS = 100;

/**
 * What is wrong with the service that an app's file describes, or doubtful about it: all that is known without the
 * environment that it is for, and without the repository's other files. The text is that of the file.
 */
export function checkService(
  { name, path, content }: ConfigApp,
  text: string,
  variables: Readonly<Record<string, string>>,
): readonly Annotation[] {
  if (content.kind !== "service") return [];
  const own = Object.fromEntries(OWN_VARIABLES.map((variable) => [variable, "v0"]));
  const drafted = draftStack({
    // Names that get too long with the environment's stack are told at the environment.
    stackName: "s",
    files: [{ path: CONFIG_PATH, text, service: { name, place: content.place } }],
    appPath: path,
    readFile: () => new Uint8Array(),
    variables: { ...variables, ...own },
    serverKey: new Uint8Array(),
    defaultNetwork: null,
  });
  return annotateDraft(drafted, path);
}

/**
 * What is wrong with a stack, or doubtful, on its lines, no more of it than a person would read; what is wrong comes
 * first, and stops it.
 */
export function annotateDraft(drafted: DraftResult, appPath: string): readonly Annotation[] {
  const all = annotateAll(drafted, appPath);
  const last = all[MOST_ANNOTATIONS - 1];
  if (all.length <= MOST_ANNOTATIONS || last === undefined) return all;
  const rest = all.length - MOST_ANNOTATIONS + 1;
  const message = `${rest} more remarks are not shown: mend these first.`;
  const more = { ...last, title: "more remarks", message };
  return [...all.slice(0, MOST_ANNOTATIONS - 1), more];
}

function annotateAll(drafted: DraftResult, appPath: string): readonly Annotation[] {
  if (!drafted.ok) return drafted.problems.map((problem) => annotateRemark(problem, "failure"));
  const { draft, notes, locate } = drafted;
  const { problems, doubts } = findDoubts(draft, appPath);
  const place = (remark: (typeof doubts)[number]): StackRemark => ({
    ...remark,
    ...locate(remark.key),
  });
  return [
    ...problems.map((problem) => annotateRemark(place(problem), "failure")),
    ...doubts.map((doubt) => annotateRemark(place(doubt), "warning")),
    ...notes.filter(({ code }) => LOUD.has(code)).map((note) => annotateRemark(note, "warning")),
  ];
}

/** A remark on a stack's file, as an annotation on its line; its text is fit to be shown. */
export function annotateRemark(
  { file, line, key, code, message }: StackRemark,
  level: Problem["level"],
): Annotation {
  const place = key === "" ? "" : `\`${quote(key)}\`: `;
  return {
    path: file,
    line: Math.max(1, line ?? 1),
    level,
    title: level === "failure" ? code.replaceAll("_", " ") : TITLES.doubt,
    message: show(`${place}${message}`),
  };
}

/** One printable line, with as much of a hostile text as a person would read. */
function show(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
  if (line.length > MOST_CHARACTERS) return `${line.slice(0, MOST_CHARACTERS)}…`;
  return /[.?!]$/u.test(line) ? line : `${line}.`;
}
