import type { ServiceDefinition } from "../../release.ts";
import { findCombinations, findEscapes } from "./combinations.ts";
import { findDoubts } from "./doubts.ts";
import { mapping } from "./fields.ts";
import { isMapping, readKey, toProblems } from "./issues.ts";
import { TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { isName, nameOf } from "./names.ts";
import { tidyPath } from "./references.ts";
import { appKeys, topKeys } from "./schema.ts";
import { toDefinition } from "./service.ts";
import { withoutExtensions } from "./top.ts";
import { substitute } from "./variables.ts";

/** What is deployed: the content of a file. */
export interface ConfigApp {
  readonly name: string;
  /** Folder of the repository, `.` for all of it; changes outside deploy nothing. */
  readonly path: string;
  readonly service: ServiceDefinition;
}

/** An app, with what is doubtful about it; or none, with what is wrong. `place` is where it stands in the file. */
export interface ContentReading {
  readonly app: ConfigApp | null;
  readonly place: ConfigPath;
  readonly problems: readonly Problem[];
}

/** Reads what is deployed from the value of a file; an absent file is an empty one. */
export function readContent(
  file: unknown,
  known: { readonly repositoryName: string; readonly hasDockerfile: boolean },
): ContentReading {
  const value = withoutExtensions(file ?? {});
  const top = mapping(topKeys).safeParse(value);
  const problems = top.success ? [] : [...toProblems(top.error.issues, value, [])];
  const { place, name, structure } = findApp(value, known.repositoryName);
  problems.push(...structure);
  const raw = place.length === 0 ? pickApp(value) : readKey(readKey(value, "apps"), name);
  const { value: app, problems: variables } = substituteService(raw ?? {}, place);
  problems.push(...variables, ...findEscapes(app, place));
  const parsed = mapping(appKeys).safeParse(app);
  if (!parsed.success) problems.push(...toProblems(parsed.error.issues, app, place));
  const service = readKey(app, "service");
  if (service !== undefined) problems.push(...findCombinations(service, [...place, "service"]));
  if (!parsed.success || problems.length > 0) return { app: null, place, problems };
  const found: ConfigApp = {
    name,
    path: tidyPath(parsed.data.path ?? "."),
    service: toDefinition(parsed.data.service ?? { build: {} }),
  };
  const missing = service === undefined && found.path === "." && !known.hasDockerfile;
  if (missing) return { app: null, place, problems: [nothingToDeploy(place)] };
  return { app: found, place, problems: findDoubts(found, raw, place) };
}

function nothingToDeploy(place: ConfigPath): Problem {
  const message =
    "the repository has no Dockerfile at its top and no file that says what to run: add a Dockerfile, or a `service` in .github/skep.yml.";
  return { path: place, level: "failure", title: "nothing to deploy", message };
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
  for (const key of ["path", "service"]) {
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

function substituteService(app: unknown, place: ConfigPath): ReturnType<typeof substitute> {
  if (!isMapping(app) || readKey(app, "service") === undefined) {
    return { value: app, problems: [] };
  }
  const { value: service, problems } = substitute(readKey(app, "service"), [...place, "service"]);
  return { value: { ...app, service }, problems };
}

function pickApp(value: unknown): unknown {
  const keys = ["path", "service"];
  return Object.fromEntries(
    keys.map((key) => [key, readKey(value, key)]).filter(([, found]) => found !== undefined),
  );
}
