import { castFor } from "./casts.ts";
import type { At } from "./report.ts";
import type { Substituted } from "./template.ts";
import { isList, isMapping, type Mapping, type Value } from "./value.ts";

type Substitute = (text: string) => Substituted;

/** Fills the variables in all values of the tree, never in keys; a changed value may become a number or a boolean. */
export function interpolate(root: Mapping, substitute: Substitute, at: At): Mapping {
  return mapping(root, substitute, at, "");
}

function value(from: Value, substitute: Substitute, at: At, cliPath: string): Value {
  if (typeof from === "string") return text(from, substitute, at, cliPath);
  if (isMapping(from)) return mapping(from, substitute, at, cliPath);
  if (!isList(from)) return from;
  return from.map((item, index) => value(item, substitute, at.to(index), `${cliPath}.[]`));
}

function mapping(from: Mapping, substitute: Substitute, at: At, cliPath: string): Mapping {
  const entries = new Map<string, Value>();
  for (const [key, child] of from) {
    const path = cliPath === "" ? key : `${cliPath}.${key}`;
    entries.set(key, value(child, substitute, at.to(key), path));
  }
  return entries;
}

function text(from: string, substitute: Substitute, at: At, cliPath: string): Value {
  if (!from.includes("$")) return from;
  const result = substitute(from);
  if (!result.ok) {
    at.refuse(result.code, result.message);
    return from;
  }
  if (result.note !== undefined) at.note(result.note.code, result.note.message);
  if (result.text === from) return from;
  const cast = castFor(cliPath);
  if (cast === undefined) return result.text;
  const casted = cast(result.text);
  if (casted.ok) return casted.value;
  at.refuse("bad_cast", `with its variables filled in, this is ${casted.message}`);
  return result.text;
}
