import type { Annotation } from "../../deployment.ts";
import { readContent, type ConfigApp, type ContentReading } from "./content.ts";
import { LONGEST_NAME } from "./names.ts";
import { readPolicy, type EnvironmentPolicy, type PolicyReading } from "./policy.ts";
import { annotate, arrange, TITLES, type Problem } from "./problem.ts";
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
  const content = contentFile.ok ? readContent(contentFile.value, request) : null;
  const policy = policyFile.ok ? readPolicy(policyFile.value, request.defaultBranch) : null;
  const names = content && policy ? checkStacks(content, policy) : [];

  const annotations = [
    ...remarks(contentFile, content?.problems ?? [], ""),
    ...remarks(
      policyFile,
      [...(policy?.problems ?? []), ...names],
      isSame ? "" : ON_DEFAULT_BRANCH,
    ),
    ...(isSame ? [] : lateWarnings(contentFile, request)),
  ];
  const problems = annotations.filter(({ level }) => level === "failure");
  if (problems.length > 0 || !content?.app || !policy) {
    return { ok: false, problems: arrange(problems) };
  }
  const { app } = content;
  const environments = policy.environments.map((environment) => ({
    name: environment.name,
    branch: environment.branch,
    tag: environment.tag,
    onRelease: environment.onRelease,
    stackName: stackNameOf(app, environment),
    url: environment.url,
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

function stackNameOf(app: ConfigApp, environment: EnvironmentPolicy): string {
  return environment.stackName ?? `${app.name}-${environment.name}`;
}

/** Names that are too long together, or not the environment's alone. */
function checkStacks({ app }: ContentReading, { environments }: PolicyReading): readonly Problem[] {
  if (!app) return [];
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const environment of environments) {
    const stack = stackNameOf(app, environment);
    const key = environment.stackName === null ? [] : ["stack_name"];
    const refuse = (message: string): void => {
      const path = [...environment.place, ...key];
      problems.push({ path, level: "failure", title: TITLES.combination, message });
    };
    const service = `${stack}_${app.name}`;
    if (service.length > LONGEST_NAME) {
      refuse(
        `the service would be called ${service}, longer than ${LONGEST_NAME} characters: give a shorter \`stack_name\`.`,
      );
    }
    const owner = owners.get(stack);
    if (owner !== undefined)
      refuse(`${owner} has the stack ${stack} already: give another \`stack_name\`.`);
    owners.set(stack, environment.name);
  }
  return problems;
}
