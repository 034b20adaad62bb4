/** What a refusal is about: how the CLI words it, and Skep's codes for the same. The first that fits. */
const CLASSES: readonly (readonly [name: string, cli: RegExp, codes: readonly string[]])[] = [
  [
    "version",
    /Compose file version|version mismatched|version must be/iu,
    ["unsupported_version", "version_mismatch"],
  ],
  ["forbidden key", /contains unsupported options/u, ["forbidden_key"]],
  ["required variable", /required variable .* is missing a value/u, ["required_variable"]],
  ["interpolation", /invalid interpolation format/u, ["bad_interpolation"]],
  ["cast", /failed to cast to expected type/u, ["bad_cast"]],
  ["unknown key", /Additional property .* is not allowed/u, ["unknown_key"]],
  ["top level", /^top-level object must be a mapping/u, ["top_level"]],
  ["key type", /unsupported type: map\[interface/u, ["key_type"]],
  ["format", /Does not match format/u, ["bad_format"]],
  ["missing key", / is required$/u, ["missing_key"]],
  ["number", /overflows uint|invalid suffix|value is too precise/u, ["bad_number"]],
  ["type", / must be an? /u, ["wrong_type"]],
  ["no image", /no image specified/u, ["image_missing"]],
  ["undefined", /undefined (?:volume|secret|config|network) /u, []],
  ["conflict", /(?:conflict|; only use) /u, ["external_conflict", "driver_conflict"]],
  ["bind source", /type "bind": field Source must not be empty/u, ["bind_without_source"]],
  ["no file", /no such file or directory|is a directory/u, ["missing_file"]],
  ["env file", /invalid env file/u, []],
  ["yaml", /^yaml: /u, ["yaml_syntax"]],
];

/** The class of a refusal in the CLI's words; its own text where it is of none. */
export function classOf(message: string): string {
  return CLASSES.find(([, sign]) => sign.test(message))?.[0] ?? message;
}

/** The class of a problem that Skep tells: by its code, or by its message where that is the CLI's own. */
export function classOfProblem({ code, message }: { code: string; message: string }): string {
  return CLASSES.find(([, , codes]) => codes.includes(code))?.[0] ?? classOf(message);
}

const PLACES: readonly RegExp[] = [
  /^(?<at>\S+) Additional property (?<name>.+) is not allowed$/u,
  /^(?<at>\S+) (?:must be|Does not match|\S+ is required)/u,
  /^(?:invalid interpolation format for|error while interpolating) (?<at>\S+): /u,
];

/** The key that the CLI's words name, in the CLI's form: `services.web.ports.0`; null where they name none. */
export function placeOf(message: string): string | null {
  const groups = PLACES.map((sign) => sign.exec(message)?.groups).find(Boolean);
  if (!groups) return null;
  return [groups.at, groups.name]
    .filter((part) => part !== undefined && part !== "(root)")
    .join(".");
}

/** Whether a problem's key is that place. The CLI leaves out positions where it interpolates. */
export function isAt(key: string, place: string): boolean {
  const plain = key.replaceAll(/\[(\d+)\]/gu, ".$1");
  return plain === place || key.replaceAll(/\[\d+\]/gu, ".[]") === place;
}
