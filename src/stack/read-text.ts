import type { StackRemark } from "./model.ts";

/** The text of a stack file, or why it is none. A byte order mark is dropped. */
export function readText(
  file: string,
  bytes: Uint8Array,
):
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: StackRemark } {
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    // The replacement character stands where the first bad byte was.
    const before = new TextDecoder().decode(bytes).split("\uFFFD", 1)[0] ?? "";
    const line = before.split("\n").length;
    const message = "the file is not UTF-8 from this line on: save it as UTF-8.";
    return { ok: false, problem: { code: "not_utf8", file, line, key: "", message } };
  }
}
