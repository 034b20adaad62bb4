import { mapping } from "./fields.ts";
import { toProblems } from "./issues.ts";
import { TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { isName, nameOf } from "./names.ts";
import { appKeys, topKeys } from "./schema.ts";
import { withoutExtensions } from "./top.ts";
import { isMapping, readKey } from "./values.ts";

/** What is deployed: the content of a file. */
export interface ConfigApp {
  readonly name: string;
  /** Folder of the repository, `.` for all of it; changes outside deploy nothing, but for those of stack files. */
  readonly path: string;
  readonly content: AppContent;
}

/** What describes the services of an app. */
export type AppContent =
  /** Compose files in the order of merging, relative to the repository's root. */
  | { readonly kind: "stack"; readonly paths: readonly string[] }
  /** One Compose service, at this place of the file of the deployed commit. */
  | { readonly kind: "service"; readonly place: ConfigPath }
  /** Nothing does: what the app's folder builds is one service, named as the app. */
  | { readonly kind: "dockerfile" };

/** An app; or none, with what is wrong. `place` is where it stands in the file. */
export interface ContentReading {
  readonly app: ConfigApp | null;
  readonly place: ConfigPath;
  readonly problems: readonly Problem[];
}

/** Reads what is deployed from the value of a file; an absent file is an empty one. */
export function readContent(file: unknown, repositoryName: string): ContentReading {
  const value = withoutExtensions(file ?? {});
  const top = mapping(topKeys).safeParse(value);
  const problems = top.success ? [] : [...toProblems(top.error.issues, value, [])];
  const { place, name, structure } = findApp(value, repositoryName);
  problems.push(...structure);
  const app = (place.length === 0 ? pickApp(value) : readKey(readKey(value, "apps"), name)) ?? {};
  const parsed = mapping(appKeys).safeParse(app);
  if (!parsed.success) problems.push(...toProblems(parsed.error.issues, app, place));
  if (readKey(app, "stack") !== undefined && readKey(app, "service") !== undefined) {
    const message =
      "an app has `stack` or `service`, not both: move the service into a stack file, or remove one.";
    problems.push(refuse([...place, "service"], message));
  }
  if (!parsed.success || problems.length > 0) return { app: null, place, problems };
  const { path = ".", stack, service } = parsed.data;
  const content: AppContent =
    stack !== undefined
      ? { kind: "stack", paths: stack }
      : service !== undefined
        ? { kind: "service", place: [...place, "service"] }
        : { kind: "dockerfile" };
  return { app: { name, path, content }, place, problems };
}

/** Where the one app stands: under `apps`, or at the top in the short form. */
function findApp(
  value: unknown,
  repositoryName: string,
): { readonly place: ConfigPath; readonly name: string; readonly structure: readonly Problem[] } {
  const apps = readKey(value, "apps");
  if (!isMapping(apps)) {
    const isWrong = apps !== undefined;
    const structure = isWrong
      ? [
          refuse(
            ["apps"],
            "`apps` maps the app's name to its keys: write `apps: { shop: { path: . } }`.",
          ),
        ]
      : [];
    return { place: [], name: nameOf(repositoryName), structure };
  }
  const [name, second] = Object.keys(apps);
  const structure: Problem[] = [];
  if (name === undefined)
    structure.push(refuse(["apps"], "`apps` names no app: name one, or remove the key."));
  if (second !== undefined) {
    const message = "several apps in a repository are not supported yet: keep one.";
    structure.push({ path: ["apps", second], level: "failure", title: TITLES.later, message });
  }
  for (const key of Object.keys(appKeys.shape)) {
    if (readKey(value, key) === undefined) continue;
    structure.push(
      refuse(
        [key],
        `\`${key}\` belongs to the app when there is \`apps\`: move it under its name.`,
      ),
    );
  }
  if (name !== undefined && !isName(name)) {
    const message = `an app's name is made of lower-case letters, digits and single - or _: rename it, such as \`${nameOf(name)}\`.`;
    structure.push({ path: ["apps", name], level: "failure", title: TITLES.value, message });
  }
  return { place: ["apps", name ?? ""], name: name ?? nameOf(repositoryName), structure };
}

function refuse(path: ConfigPath, message: string): Problem {
  return { path, level: "failure", title: TITLES.combination, message };
}

function pickApp(value: unknown): unknown {
  const keys = Object.keys(appKeys.shape);
  return Object.fromEntries(
    keys.map((key) => [key, readKey(value, key)]).filter(([, found]) => found !== undefined),
  );
}
