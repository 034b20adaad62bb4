import { nearest } from "../../nearest.ts";
import { quote, showPath, TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { appKeys, deployOnKeys, environmentKeys, topKeys } from "./schema.ts";

/** The keys of one kind of mapping: those that work, and those that are planned but do not yet. */
interface Level {
  readonly keys: readonly string[];
  readonly later: readonly string[];
}

function level(schema: { readonly shape: object }, later = ""): Level {
  return { keys: Object.keys(schema.shape), later: later.split(" ").filter(Boolean) };
}

/** Every kind of mapping of the file, by its path; `*` stands for a name or a position. */
export const LEVELS: Readonly<Record<string, Level>> = {
  "": level(topKeys),
  "apps.*": level(appKeys, "label environments"),
  "environments.*": level(
    environmentKeys,
    "cluster verify promote approvals permissions freeze before_deploy backup rollback",
  ),
  "environments.*.deploy_on": level(deployOnKeys, "pull_request schedule"),
};

/** The kind of mapping at a path of the file. */
function levelAt(path: ConfigPath): Level | undefined {
  const parts = path.map((part) => (typeof part === "number" ? "*" : part));
  if (parts[0] === "apps" && parts.length > 2) return LEVELS[parts.slice(2).join(".")];
  if (parts[0] === "apps" || parts[0] === "environments") parts[1] &&= "*";
  return LEVELS[parts.join(".")];
}

/** What to say about a key that does not work at this place. */
export function refuseKey(path: ConfigPath, key: string): Problem {
  const where = path.length === 0 ? "at the top of the file" : `in ${showPath(path)}`;
  const { keys, later } = levelAt(path) ?? { keys: [], later: [] };
  const place: ConfigPath = [...path, key];
  const refuse = (title: string, message: string): Problem => ({
    path: place,
    level: "failure",
    title,
    message,
  });
  if (later.includes(key)) {
    return refuse(TITLES.later, `\`${key}\` ${where} is not supported yet: remove it.`);
  }
  const name = quote(key);
  const close = nearest(key, [...keys, ...later]);
  if (close !== null) {
    return refuse(TITLES.unknown, `\`${name}\` is not a key ${where}: did you mean \`${close}\`?`);
  }
  const known = keys.map((one) => `\`${one}\``).join(", ");
  return refuse(
    TITLES.unknown,
    `\`${name}\` is not a key ${where}: remove it, or use one of ${known}.`,
  );
}
