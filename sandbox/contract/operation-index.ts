import type { DescribedOperation } from "./description.ts";

/** An operation that a request names, with the values found in its path (decoded). */
export interface OperationMatch {
  readonly found: DescribedOperation;
  readonly pathValues: Readonly<Record<string, string>>;
}

interface Route {
  readonly found: DescribedOperation;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly weight: number;
}

/** Builds a look-up from method and path to the operation described for it; the most literal path wins. */
export function indexOperations(
  operations: readonly DescribedOperation[],
): (method: string, pathname: string) => OperationMatch | undefined {
  const byMethod = Map.groupBy(
    operations.map(toRoute).sort((a, b) => b.weight - a.weight),
    (route) => route.found.method,
  );
  return (method, pathname) => {
    for (const { found, pattern, names } of byMethod.get(method) ?? []) {
      const match = pattern.exec(pathname);
      if (!match) continue;
      const values = names.map((name, i): [string, string] => [name, decode(match[i + 1] ?? "")]);
      return { found, pathValues: Object.fromEntries(values) };
    }
    return undefined;
  };
}

function toRoute(found: DescribedOperation): Route {
  // Branches, tags and file paths may hold slashes; the description marks them.
  const multi = new Set(
    found.parameters.filter((one) => one["x-multi-segment"]).map((one) => one.name),
  );
  const names: string[] = [];
  const source = found.path.split(/(\{[^}]+\})/).map((piece) => {
    if (!piece.startsWith("{")) return piece.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    const name = piece.slice(1, -1);
    names.push(name);
    return multi.has(name) ? "(.+?)" : "([^/]+)";
  });
  // The root folder is asked for with no path at all.
  const text = source.join("").replace(/\/contents\/\(\.\+\?\)$/, "/contents(?:/(.*))?");
  const literal = found.path.replace(/\{[^}]+\}/g, "").length;
  return {
    found,
    pattern: new RegExp(`^${text}$`),
    names,
    weight: literal - (multi.size > 0 ? 0.5 : 0),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
