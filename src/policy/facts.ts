import type { Annotation } from "../deployment.ts";
import type { PushIntent, RetryIntent } from "../intent.ts";
import type { Source } from "../source/ports.ts";
import type { EnvironmentRecord, Store } from "../store/ports.ts";
import type { RepositoryConfig } from "./config/config.ts";
import { parseConfig } from "./config/config.ts";
import type { EnvironmentFacts, PushFacts, RetryFacts } from "./decide.ts";
import type { Permissions } from "./ports.ts";

const CONFIG_PATH = ".github/skep.yml";

/** Where facts come from. */
export interface FactSources {
  readonly store: Store;
  readonly source: Source;
  readonly permissions: Permissions;
}

/** Reads all that the decision about a push turns on. */
export async function gatherPushFacts(from: FactSources, intent: PushIntent): Promise<PushFacts> {
  const { repository, sha, defaultBranch } = intent;
  const fetched = await from.source.fetch(repository, { sha, defaultBranch });
  const policySha = fetched.defaultBranchSha ?? sha;
  const [policyText, contentText, dockerfile, records] = await Promise.all([
    from.source.readFile(repository, policySha, CONFIG_PATH),
    from.source.readFile(repository, sha, CONFIG_PATH),
    from.source.objectId(repository, sha, "Dockerfile"),
    from.store.catalog.environmentsOf(repository.id),
  ]);
  const known = { repositoryName: repository.name, defaultBranch };
  const parsed = parseConfig({
    ...known,
    policyText,
    contentText,
    hasDockerfile: dockerfile !== null,
  });
  // With content that cannot be read, the policy alone still tells whom the problems concern.
  const policy = parsed.ok
    ? parsed
    : parseConfig({ ...known, policyText, contentText: null, hasDockerfile: true });
  const branch = intent.ref.replace(/^refs\/heads\//, "");
  if (!policy.ok) {
    const isDefault = branch === defaultBranch;
    return invalid({ intent, policySha, records, problems: isDefault ? policy.problems : null });
  }
  const { config } = policy;
  const app = parsed.ok ? config.app.name : (records[0]?.app ?? config.app.name);
  const environments = await Promise.all(
    config.environments
      .filter((environment) => environment.branch === branch)
      .map((environment) =>
        environmentFacts(from, {
          intent,
          app,
          path: config.app.path,
          records,
          environment,
          isReadable: parsed.ok,
        }),
      ),
  );
  const problems = parsed.ok ? [] : parsed.problems;
  return { app, policySha, environments, problems, warnings: policy.warnings };
}

async function environmentFacts(
  from: FactSources,
  about: {
    readonly intent: PushIntent;
    readonly app: string;
    readonly path: string;
    /** Only then is the stack's name known for sure. */
    readonly isReadable: boolean;
    readonly records: readonly EnvironmentRecord[];
    readonly environment: RepositoryConfig["environments"][number];
  },
): Promise<EnvironmentFacts> {
  const { intent, app, environment } = about;
  const { repository, sha } = intent;
  const record = about.records.find(
    (known) => known.app === app && known.environment === environment.name,
  );
  const decidedSha = record?.decidedSha ?? null;
  const paths = [about.path, CONFIG_PATH];
  const [isBehindDecided, hasChanged, ownsStack] = await Promise.all([
    decidedSha === null ? false : from.source.isAncestor(repository, sha, decidedSha),
    decidedSha === null ? true : from.source.hasChanged(repository, decidedSha, sha, paths),
    !about.isReadable ||
      from.store.catalog.claimStack(environment.stackName, {
        repositoryId: repository.id,
        app,
        environment: environment.name,
      }),
  ]);
  const { name, stackName, url } = environment;
  return { name, stackName, url, decidedSha, isBehindDecided, hasChanged, ownsStack };
}

/** With no readable policy, the environments known so far (else `production`) are told of its problems. */
function invalid(about: {
  readonly intent: PushIntent;
  readonly policySha: string;
  readonly records: readonly EnvironmentRecord[];
  readonly problems: readonly Annotation[] | null;
}): PushFacts {
  const app = about.records[0]?.app ?? about.intent.repository.name.toLowerCase();
  const names = about.records.map(({ environment }) => environment);
  const environments = (names.length > 0 ? names : ["production"]).map((name) => {
    const record = about.records.find(({ environment }) => environment === name);
    return {
      name,
      stackName: record?.stackName ?? `${app}-${name}`,
      url: null,
      decidedSha: record?.decidedSha ?? null,
      isBehindDecided: false,
      hasChanged: true,
      ownsStack: true,
    };
  });
  const { problems, policySha } = about;
  return {
    app,
    policySha,
    environments: problems ? environments : [],
    problems: problems ?? [],
    warnings: [],
  };
}

/** Reads all that the decision about a retry turns on. */
export async function gatherRetryFacts(
  from: FactSources,
  intent: RetryIntent,
): Promise<RetryFacts> {
  const deployment = await from.store.deployments.get(intent.deploymentId);
  if (!deployment) return { deployment: null, role: "none" };
  return { deployment, role: await from.permissions.roleOf(intent.repository, intent.actor) };
}
