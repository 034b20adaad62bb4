import { formatGoFloat } from "./go-float.ts";

/**
 * What a YAML node means to Go's yaml.v3: integers are bigint (nothing is lost), other numbers are number, a mapping is
 * a Map.
 */
export type Value =
  null | boolean | string | bigint | number | GoTime | OddMapping | readonly Value[] | Mapping;

/** A mapping whose keys are all strings, in the order of the file. */
export type Mapping = ReadonlyMap<string, Value>;

/** A timestamp: a string to the schema, printed by Go's `%v` where a string is made of it. */
export interface GoTime {
  readonly goTime: string;
}

/** A mapping with a key that is no string; never usable, and refused only after the other checks. */
export interface OddMapping {
  readonly odd: true;
}

/** One step from a value to one inside it. */
export type Step = string | number;

/** Whether the value is a mapping with string keys. */
export function isMapping(value: Value | undefined): value is Mapping {
  return value instanceof Map;
}

/** Whether the value is a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether the value is a timestamp. */
export function isTime(value: Value | undefined): value is GoTime {
  return typeof value === "object" && value !== null && "goTime" in value;
}

/** Whether the value is a mapping with a key that is no string. */
export function isOdd(value: Value | undefined): value is OddMapping {
  return typeof value === "object" && value !== null && "odd" in value;
}

/** The scalar as Go's `fmt.Sprint` prints it. */
export function print(value: Value | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return formatGoFloat(value);
  if (isTime(value)) return value.goTime;
  if (typeof value === "object") return "";
  return String(value);
}

/** `services.web.ports[0]`. */
export function keyOf(path: readonly Step[]): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === "number") return `${key}[${step}]`;
    return key === "" ? step : `${key}.${step}`;
  }, "");
}
