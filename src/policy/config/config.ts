import type { Annotation } from "../../deployment.ts";
import { checkService } from "./check-service.ts";
import { readContent, type AppContent, type ConfigApp } from "./content.ts";
import { isName, LONGEST_NAME } from "./names.ts";
import { readPolicy, type EnvironmentPolicy, type PolicyReading } from "./policy.ts";
import { annotate, arrange, TITLES, type Problem } from "./problem.ts";
import { gatherVariables } from "./variables.ts";
import { readYaml, type YamlFile } from "./yaml.ts";

/** What a repository's `.github/skep.yml` says, every default applied. */
export interface RepositoryConfig {
  readonly app: ConfigApp;
  readonly environments: readonly {
    readonly name: string;
    /** A push to this branch deploys here; null when none does. */
    readonly branch: string | null;
    /** A new tag that this pattern stands for deploys here; null when none does. */
    readonly tag: string | null;
    /** Whether a release deploys here when it is published. */
    readonly onRelease: boolean;
    readonly stackName: string;
    readonly url: string | null;
    /** What stack files may use, by name. Skep's own (`OWN_VARIABLES`) are not among them. */
    readonly variables: Readonly<Record<string, string>>;
    /** Compose files in place of all that the app says, relative to the repository's root; null for the app's. */
    readonly stack: readonly string[] | null;
  }[];
}

/** What `parseConfig` reads. */
export interface ConfigRequest {
  /** The file on the default branch, which decides who deploys what where; null when there is none. */
  readonly policyText: string | null;
  /** The file at the commit to deploy, which says what runs; null when there is none. */
  readonly contentText: string | null;
  readonly repositoryName: string;
  readonly defaultBranch: string;
  /** Whether a `Dockerfile` lies at the top of the commit. */
  readonly hasDockerfile: boolean;
}

/** The config and what is doubtful about it, or everything that is wrong, each at its line. */
export type ParsedConfig =
  | {
      readonly ok: true;
      readonly config: RepositoryConfig;
      readonly warnings: readonly Annotation[];
    }
  | { readonly ok: false; readonly problems: readonly Annotation[] };

/** Reads a repository's config. Never throws; whatever the texts hold becomes annotations. */
export function parseConfig(request: ConfigRequest): ParsedConfig {
  const contentFile = readYaml(request.contentText ?? "");
  const isSame = request.policyText === request.contentText;
  const policyFile = isSame ? contentFile : readYaml(request.policyText ?? "");
  const content = contentFile.ok ? readContent(contentFile.value, request.repositoryName) : null;
  const policy = policyFile.ok ? readPolicy(policyFile.value, request.defaultBranch) : null;
  const app = content?.app ?? null;

  const annotations = [
    ...remarks(contentFile, content?.problems ?? [], ""),
    ...remarks(
      policyFile,
      [...(policy?.problems ?? []), ...(app && policy ? checkStacks(app, policy) : [])],
      isSame ? "" : ON_DEFAULT_BRANCH,
    ),
    ...(isSame ? [] : lateWarnings(contentFile, request)),
    ...(app && policyFile.ok
      ? checkService(app, request.contentText ?? "", gatherVariables(policyFile.value))
      : []),
    ...(app && policy && isEmpty(app, policy, request)
      ? remarks(contentFile, [nothingToDeploy(content?.place ?? [])], "")
      : []),
  ];
  const problems = annotations.filter(({ level }) => level === "failure");
  if (problems.length > 0 || !app || !policy) {
    return { ok: false, problems: arrange(problems) };
  }
  const environments = policy.environments.map((environment) => ({
    name: environment.name,
    branch: environment.branch,
    tag: environment.tag,
    onRelease: environment.onRelease,
    stackName: stackNameOf(app, environment),
    url: environment.url,
    variables: environment.variables,
    stack: environment.stack,
  }));
  return { ok: true, config: { app, environments }, warnings: arrange(annotations) };
}

const ON_DEFAULT_BRANCH = "on the default branch: ";

function remarks(
  file: YamlFile,
  problems: readonly Problem[],
  prefix: string,
): readonly Annotation[] {
  const all = file.ok
    ? problems.map((problem) => ({ ...problem, line: file.lineOf(problem.path) }))
    : file.problems.map((problem) => ({
        ...problem,
        level: "failure" as const,
        title: TITLES.syntax,
      }));
  return all.map(({ line, level, title, message }) =>
    annotate(line, { level, title, message: prefix + message }),
  );
}

/** Policy in the commit counts only once it is on the default branch: its faults are told, but stop nothing. */
function lateWarnings(file: YamlFile, { defaultBranch }: ConfigRequest): readonly Annotation[] {
  if (!file.ok) return [];
  const { problems } = readPolicy(file.value, defaultBranch);
  const inPolicy = problems.filter(({ path }) => path[0] === "environments");
  return remarks(file, inPolicy, "once this is on the default branch: ").map((annotation) => ({
    ...annotation,
    level: "warning",
  }));
}

/** Whether nothing says what to run: no stack file, no service, and nothing to build them from. */
function isEmpty(
  { path, content }: ConfigApp,
  { environments }: PolicyReading,
  { hasDockerfile }: ConfigRequest,
): boolean {
  // In another folder a Dockerfile may be, or not: that is looked at when it is needed.
  if (content.kind !== "dockerfile" || path !== "." || hasDockerfile) return false;
  return environments.length === 0 || environments.some(({ stack }) => stack === null);
}

function nothingToDeploy(path: Problem["path"]): Problem {
  const message =
    "the repository has no Dockerfile at its top and no file that says what to run: add a Dockerfile, or a `stack` or `service` in .github/skep.yml.";
  return { path, level: "failure", title: "nothing to deploy", message };
}

function stackNameOf(app: ConfigApp, environment: EnvironmentPolicy): string {
  return environment.stackName ?? `${app.name}-${environment.name}`;
}

/** Names that are too long together, or not the environment's alone. */
function checkStacks(app: ConfigApp, { environments }: PolicyReading): readonly Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const environment of environments) {
    const stack = stackNameOf(app, environment);
    const key = environment.stackName === null ? [] : ["stack_name"];
    const refuse = (message: string): void => {
      const path = [...environment.place, ...key];
      problems.push({ path, level: "failure", title: TITLES.combination, message });
    };
    const longest = longestName(app, environment.stack, stack);
    // One that is no name by itself is told already.
    const isOwn = environment.stackName === null || isName(environment.stackName);
    if (isOwn && longest.length > LONGEST_NAME) {
      refuse(
        `the ${longest === stack ? "stack" : "service"} would be called ${longest}, longer than ${LONGEST_NAME} characters: give a shorter \`stack_name\`.`,
      );
    }
    const owner = owners.get(stack);
    if (owner !== undefined)
      refuse(`${owner} has the stack ${stack} already: give another \`stack_name\`.`);
    owners.set(stack, environment.name);
  }
  return problems;
}

/** The longest name in a stack that is known already; those in stack files are looked at where these are read. */
function longestName({ name, content }: ConfigApp, own: EnvironmentPolicy["stack"], stack: string) {
  const kind: AppContent["kind"] = own === null ? content.kind : "stack";
  return kind === "stack" ? stack : `${stack}_${name}`;
}
