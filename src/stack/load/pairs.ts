import { isList, isMapping, print, type Value } from "./value.ts";

/** Names with values, from a mapping or from a list of `name=value`; null: a name without a value. */
export function pairsOf(
  value: Value | undefined,
): Readonly<Record<string, string | null>> | undefined {
  if (isMapping(value)) {
    return Object.fromEntries(
      [...value].map(([name, each]) => [name, each === null ? null : print(each)]),
    );
  }
  if (!isList(value)) return undefined;
  return Object.fromEntries(value.map((item) => pairOf(print(item))));
}

function pairOf(text: string): [name: string, value: string | null] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** The same, a name without a value having an empty one. */
export function labelsOf(value: Value | undefined): Readonly<Record<string, string>> | undefined {
  const pairs = pairsOf(value);
  if (pairs === undefined) return undefined;
  return Object.fromEntries(Object.entries(pairs).map(([name, each]) => [name, each ?? ""]));
}

/** `host:ip` of each extra host; a mapping's sorted. What has no address is left out. */
export function extraHostsOf(value: Value | undefined): readonly string[] | undefined {
  if (isMapping(value)) {
    return [...value]
      .filter(([, address]) => address !== null)
      .map(([host, address]) => `${host}:${print(address)}`)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map(withoutBrackets);
  }
  if (!isList(value)) return undefined;
  return value.flatMap((item) => {
    const text = print(item);
    const at = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
    return at === -1 ? [] : [withoutBrackets(`${text.slice(0, at)}:${text.slice(at + 1)}`)];
  });
}

function withoutBrackets(host: string): string {
  const colon = host.indexOf(":");
  const address = host.slice(colon + 1);
  const isBracketed = address.length > 2 && address.startsWith("[") && address.endsWith("]");
  return `${host.slice(0, colon)}:${isBracketed ? address.slice(1, -1) : address}`;
}
