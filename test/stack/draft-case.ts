import { draftStack, type DraftRequest, type DraftResult } from "../../src/stack/draft.ts";

/** What is read for a draft besides its files. */
export type DraftUse = Partial<Omit<DraftRequest, "files" | "readFile">> & {
  /** By path as the stack writes it. */
  readonly contents?: Readonly<Record<string, string>>;
};

const BASE = {
  stackName: "shop-production",
  appPath: ".",
  variables: {},
  serverKey: new TextEncoder().encode("key"),
  defaultNetwork: null,
} as const;

/** The draft of one Compose file, `deploy/stack.yml`. */
export function draftOf(text: string, use: DraftUse = {}): DraftResult {
  return draftFiles([{ path: "deploy/stack.yml", text }], { ...use, defaultNetwork: "own" });
}

/** The draft of `.github/skep.yml`, whose `service` is that of the app `web` unless another is named. */
export function draftService(
  text: string,
  use: DraftUse & { readonly place?: readonly string[]; readonly name?: string } = {},
): DraftResult {
  const { place = ["service"], name = "web", ...rest } = use;
  return draftFiles([{ path: ".github/skep.yml", text, service: { name, place } }], rest);
}

/** The draft of such files. */
export function draftFiles(
  files: DraftRequest["files"],
  { contents = {}, ...use }: DraftUse = {},
): DraftResult {
  const encoder = new TextEncoder();
  return draftStack({
    ...BASE,
    ...use,
    files,
    readFile: (path) => {
      const text = Object.hasOwn(contents, path) ? contents[path] : undefined;
      return text === undefined ? null : encoder.encode(text);
    },
  });
}

/** The draft itself; fails when there is none. */
export function accepted(result: DraftResult): Extract<DraftResult, { ok: true }> {
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result;
}

/** `code file:line key` of every problem. */
export function problemsOf(result: DraftResult): readonly string[] {
  return result.ok
    ? []
    : result.problems.map(({ code, file, line, key }) => `${code} ${file}:${line} ${key}`);
}

/** The same of every note with the code. */
export function notesOf(result: DraftResult, code: string): readonly string[] {
  return accepted(result)
    .notes.filter((note) => note.code === code)
    .map(({ file, line, key }) => `${file}:${line} ${key}`);
}
