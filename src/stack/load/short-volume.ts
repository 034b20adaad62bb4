import type { StackMount } from "../model.ts";

const PROPAGATIONS = new Set(["rprivate", "private", "rshared", "shared", "rslave", "slave"]);

/** Whether a short volume names a volume of one letter, and is no Windows path: `v:/data`, `v:/data:ro`. */
export function hasOneLetterName(spec: string): boolean {
  return /^[A-Za-z]:\/[^:\\]*(?::[a-z,]*)?$/.test(spec);
}

/**
 * A short volume (`source:target:options`), its source as written; or what is wrong with it. `drives`: whether one
 * letter and a colon are a Windows drive.
 */
export function parseShortVolume(
  spec: string,
  options: { readonly drives: boolean },
): StackMount | string {
  if (spec === "") return "a volume is empty";
  // Counted in bytes, as the CLI does.
  if (Buffer.byteLength(spec) <= 2) return { type: "volume", target: spec };
  const parts = splitAtColons(spec, options.drives);
  if (parts.includes("")) return "there is nothing between two colons";
  const [first = "", target, flags, ...more] = parts;
  if (more.length > 0) return "there are too many colons";
  if (target === undefined) return { type: "volume", target: first };
  const type = isFilePath(first) ? "bind" : "volume";
  return { type, source: first, target, ...readOptions(flags ?? "") };
}

/** The options of a short volume that mean nothing to a Swarm, such as `z`. */
export function unknownOptions(
  spec: string,
  options: { readonly drives: boolean },
): readonly string[] {
  if (Buffer.byteLength(spec) <= 2) return [];
  const [, , flags = ""] = splitAtColons(spec, options.drives);
  return flags.split(",").filter((option) => option !== "" && !isKnownOption(option));
}

function isKnownOption(option: string): boolean {
  return ["ro", "rw", "nocopy"].includes(option) || PROPAGATIONS.has(option);
}

/** Splits at colons, but for the one after a single letter where that is a Windows drive. */
function splitAtColons(spec: string, drives: boolean): string[] {
  const parts: string[] = [];
  let part = "";
  for (const char of spec) {
    if (char !== ":" || (drives && /^\p{L}$/u.test(part))) {
      part += char;
    } else {
      parts.push(part);
      part = "";
    }
  }
  return [...parts, part];
}

function readOptions(text: string): Partial<StackMount> {
  let options: Partial<StackMount> = {};
  for (const option of text.split(",")) {
    if (option === "ro") options = { ...options, readOnly: true };
    else if (option === "rw") options = { ...options, readOnly: false };
    else if (option === "nocopy") options = { ...options, volume: { noCopy: true } };
    else if (PROPAGATIONS.has(option)) options = { ...options, bind: { propagation: option } };
  }
  return options;
}

function isFilePath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith("\\\\") || /^\p{L}:/u.test(source);
}
