import { mapping } from "./fields.ts";
import { toProblems } from "./issues.ts";
import { isName, nameOf } from "./names.ts";
import { TITLES, type ConfigPath, type Problem } from "./problem.ts";
import { environmentsKeys, topKeys } from "./schema.ts";
import { withoutExtensions } from "./top.ts";
import { readKey } from "./values.ts";

/** An environment as the policy names it; what it leaves open is null. */
export interface EnvironmentPolicy {
  readonly name: string;
  readonly branch: string | null;
  readonly tag: string | null;
  readonly onRelease: boolean;
  readonly stackName: string | null;
  readonly url: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly stack: readonly string[] | null;
  /** Where it stands in the file. */
  readonly place: ConfigPath;
}

/** The policy of a file, and what is wrong with it. */
export interface PolicyReading {
  readonly environments: readonly EnvironmentPolicy[];
  readonly problems: readonly Problem[];
}

/** Reads the environments from the value of a file; without any there is `production`, on the default branch. */
export function readPolicy(file: unknown, defaultBranch: string): PolicyReading {
  const value = withoutExtensions(file ?? {});
  const top = mapping(topKeys).safeParse(value);
  const problems = top.success ? [] : [...toProblems(top.error.issues, value, [])];
  const raw = readKey(value, "environments");
  const parsed = environmentsKeys.safeParse(raw);
  if (!parsed.success) {
    problems.push(...toProblems(parsed.error.issues, raw, ["environments"]));
    return { environments: [], problems };
  }
  const entries = Object.entries(parsed.data ?? {});
  const environments = entries.map(([name, keys]): EnvironmentPolicy => {
    const { push, tag, release } = keys?.deploy_on ?? { push: defaultBranch };
    return {
      name,
      branch: push ?? null,
      tag: tag ?? null,
      onRelease: release !== undefined,
      stackName: keys?.stack_name ?? null,
      url: keys?.url ?? null,
      variables: keys?.variables ?? {},
      stack: keys?.stack ?? null,
      place: ["environments", name],
    };
  });
  problems.push(...environments.flatMap(checkNames));
  if (environments.length > 0) return { environments, problems };
  const production: EnvironmentPolicy = {
    name: "production",
    branch: defaultBranch,
    tag: null,
    onRelease: false,
    stackName: null,
    url: null,
    variables: {},
    stack: null,
    place: [],
  };
  return { environments: [production], problems };
}

function checkNames({ name, stackName, place }: EnvironmentPolicy): readonly Problem[] {
  const problems: Problem[] = [];
  const rule = "is made of lower-case letters, digits and single - or _";
  if (!isName(name)) {
    const message = `an environment's name ${rule}: rename it, such as \`${nameOf(name)}\`.`;
    problems.push({ path: place, level: "failure", title: TITLES.value, message });
  }
  if (["to", "at"].includes(name)) {
    const message = `\`${name}\` is a word of the commands (/deploy ${name === "to" ? "to staging" : "staging at v1.9.0"}): give the environment another name.`;
    problems.push({ path: place, level: "failure", title: TITLES.value, message });
  }
  if (stackName !== null && !isName(stackName)) {
    const message = `the name of a stack ${rule}: write one such as \`${nameOf(stackName)}\`.`;
    problems.push({
      path: [...place, "stack_name"],
      level: "failure",
      title: TITLES.value,
      message,
    });
  }
  return problems;
}
