import type { At } from "./report.ts";
import { isList, isMapping, print, type Mapping, type Value } from "./value.ts";

/** Another way of saying the same; undefined where the value is no such form. */
type Rewrite = (value: Value, at: At) => Value | undefined;

/**
 * The tree with forms that Compose takes and the CLI's schemas do not, as the CLI's: each is noted. `hasFile` tells
 * whether there is a file of the name.
 */
export function readForms(root: Mapping, at: At, hasFile: (path: string) => boolean): Mapping {
  const service = inMapping({
    user: rewrite("user: 1000", (value) => (typeof value === "bigint" ? print(value) : undefined)),
    env_file: (value, place) => envFiles(value, place, hasFile),
    ports: inList(inMapping({ published: PUBLISHED })),
    configs: inList(inMapping({ mode: MODE })),
    secrets: inList(inMapping({ mode: MODE })),
    deploy: inMapping({
      resources: inMapping({
        limits: inMapping({ cpus: CPUS }),
        reservations: inMapping({ cpus: CPUS }),
      }),
    }),
  });
  const changed = inMapping({ services: inValues(service) })(root, at);
  return isMapping(changed) ? changed : root;
}

function rewrite(form: string, read: (value: Value) => Value | undefined): Rewrite {
  return (value, at) => {
    const other = read(value);
    if (other !== undefined) tell(form, at);
    return other;
  };
}

function tell(form: string, at: At): void {
  at.note("compose_form", `docker stack deploy refuses this form (${form}): Skep takes it.`);
}

const PUBLISHED = rewrite('published: "8080"', (value) =>
  typeof value === "string" && /^\d{1,5}$/u.test(value) ? BigInt(value) : undefined,
);

const MODE = rewrite('mode: "0440"', (value) =>
  typeof value === "string" && /^0o?[0-7]{1,4}$/u.test(value)
    ? BigInt(Number.parseInt(value.replace("o", ""), 8))
    : undefined,
);

const CPUS = rewrite("cpus: 0.5", (value) =>
  typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))
    ? print(value)
    : undefined,
);

/** `- path: app.env` with `required`: one that need not be there is left out where it is not. */
function envFiles(
  value: Value,
  at: At,
  hasFile: (path: string) => boolean,
): readonly Value[] | undefined {
  if (!isList(value) || !value.some((item) => isEnvFile(item))) return undefined;
  return value.flatMap((item, index): readonly Value[] => {
    if (!isEnvFile(item)) return [item];
    tell("env_file with path and required", at.to(index));
    const path = item.get("path") ?? "";
    const isNeeded = item.get("required") !== false || (typeof path === "string" && hasFile(path));
    return isNeeded ? [path] : [];
  });
}

function isEnvFile(value: Value): value is Mapping {
  if (!isMapping(value) || typeof value.get("path") !== "string") return false;
  const keys = [...value.keys()].filter((key) => key !== "path" && key !== "required");
  return keys.length === 0 && typeof (value.get("required") ?? true) === "boolean";
}

/** The mapping with some of its values rewritten; undefined where none is. */
function inMapping(keys: Readonly<Record<string, Rewrite>>): Rewrite {
  const known = new Map(Object.entries(keys));
  return (value, at) =>
    isMapping(value) ? entriesOf(value, at, (key) => known.get(key)) : undefined;
}

function inValues(each: Rewrite): Rewrite {
  return (value, at) => (isMapping(value) ? entriesOf(value, at, () => each) : undefined);
}

function entriesOf(
  value: Mapping,
  at: At,
  rewriteOf: (key: string) => Rewrite | undefined,
): Mapping | undefined {
  let changed: Map<string, Value> | undefined;
  for (const [key, child] of value) {
    const other = rewriteOf(key)?.(child, at.to(key));
    if (other === undefined) continue;
    changed ??= new Map(value);
    changed.set(key, other);
  }
  return changed;
}

function inList(each: Rewrite): Rewrite {
  return (value, at) => {
    if (!isList(value)) return undefined;
    const others = value.map((item, index) => each(item, at.to(index)));
    if (others.every((other) => other === undefined)) return undefined;
    return value.map((item, index) => others[index] ?? item);
  };
}
