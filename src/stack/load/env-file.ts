const LONGEST_LINE = 64 * 1024;

/** The variables of an env file, each `K=V`, or why it is none. A name alone takes its value from `lookup`. */
export function parseEnvFile(
  bytes: Uint8Array,
  lookup: (name: string) => string | undefined,
):
  | { readonly ok: true; readonly entries: readonly (readonly [string, string])[] }
  | { readonly ok: false; readonly message: string } {
  let text: string;
  try {
    // Drops a byte order mark.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, message: "it is not UTF-8" };
  }
  const entries: [string, string][] = [];
  for (const raw of text.split("\n")) {
    if (raw.length >= LONGEST_LINE) return { ok: false, message: "a line is longer than 64 KiB" };
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const name = equals === -1 ? line : line.slice(0, equals);
    if (name === "") return { ok: false, message: `no variable name on line '${line}'` };
    if (/[ \t]/.test(name))
      return { ok: false, message: `variable '${name}' contains whitespaces` };
    const value = equals === -1 ? lookup(name) : line.slice(equals + 1);
    if (value !== undefined) entries.push([name, value]);
  }
  return { ok: true, entries };
}
