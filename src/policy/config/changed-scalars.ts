import { quote, TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { isGoScalar } from "./scalars.ts";
import { isMapping, readKey } from "./values.ts";

/** Mappings of a Compose service whose values are texts, whatever they look like. */
const PLACES = [["environment"], ["labels"], ["deploy", "labels"], ["build", "args"]];

/** Doubts about values of a service that Docker reads as numbers or dates and writes in another way: 1.10 becomes 1.1. */
export function findChangedScalars(service: unknown, place: ConfigPath): readonly Problem[] {
  return PLACES.flatMap((keys) => {
    const values = keys.reduce(readKey, service);
    if (!isMapping(values)) return [];
    const entries: [string, unknown][] = Object.entries(values);
    return entries.flatMap(([name, value]): readonly Problem[] => {
      if (!isGoScalar(value) || value.text === value.source) return [];
      const message = `Docker reads ${quote(name)} as ${value.text}: write "${quote(value.source)}" in quotes to keep it as it is.`;
      return [{ path: [...place, ...keys, name], level: "warning", title: TITLES.doubt, message }];
    });
  });
}
