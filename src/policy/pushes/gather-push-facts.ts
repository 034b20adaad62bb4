import type { Annotation } from "../../deployment.ts";
import { SkepError } from "../../errors.ts";
import type { PushIntent } from "../../intent.ts";
import type { Source } from "../../source/ports.ts";
import type { EnvironmentRecord } from "../../store/ports.ts";
import type { RepositoryConfig } from "../config/config.ts";
import type { EnvironmentFacts, PushFacts } from "./decide-push.ts";
import { nameOf } from "../config/names.ts";
import { watchedPaths } from "../config/watched-paths.ts";
import { knownApp } from "../known-app.ts";
import type { FactSources } from "../ports.ts";
import { CONFIG_PATH, readConfig } from "../read-config.ts";

/** Reads all that the decision about a push turns on. */
export async function gatherPushFacts(from: FactSources, intent: PushIntent): Promise<PushFacts> {
  const { repository, sha, defaultBranch } = intent;
  const fetched = await from.source.fetch(repository, { sha, defaultBranch });
  const policySha = fetched.defaultBranchSha ?? sha;
  const [place, { parsed, policy }, records] = await Promise.all([
    placeOf(from.source, intent, fetched.defaultBranchSha),
    readConfig(from.source, { repository, policySha, sha, defaultBranch }),
    from.store.catalog.environmentsOf(repository.id),
  ]);
  const branch = intent.ref.replace(/^refs\/heads\//, "");
  if (!policy.ok) {
    const isDefault = branch === defaultBranch;
    const problems = isDefault ? policy.problems : null;
    return await invalid(from.source, { intent, policySha, place, records, problems });
  }
  const { config } = policy;
  const app = parsed.ok ? config.app.name : (knownApp(records) ?? config.app.name);
  const environments = await Promise.all(
    config.environments
      .filter((environment) => environment.branch === branch)
      .map((environment) =>
        environmentFacts(from, {
          intent,
          app,
          paths: [...watchedPaths(config, environment.name), CONFIG_PATH],
          records,
          environment,
          isReadable: parsed.ok,
        }),
      ),
  );
  const problems = parsed.ok ? [] : parsed.problems;
  return { app, policySha, place, environments, problems, warnings: policy.warnings };
}

/**
 * Where a pushed commit stands by now. Webhooks come in any order, and a branch may be rewritten meanwhile; throws
 * `source_not_found` while GitHub's git servers may just not have seen the push yet.
 */
async function placeOf(
  source: Source,
  { repository, ref, sha, before, defaultBranch }: PushIntent,
  head: string | null,
): Promise<PushFacts["place"]> {
  if (head === null || ref !== `refs/heads/${defaultBranch}`) return "unknown";
  if (head === sha) return "head";
  const [isBehind, isAhead] = await Promise.all([
    source.isAncestor(repository, sha, head),
    source.isAncestor(repository, head, sha),
  ]);
  if (isBehind) return "behind";
  if (head !== before) return isAhead ? "head" : "gone";
  throw new SkepError(
    "source_not_found",
    `looking for commit ${sha} in ${defaultBranch}: the branch is where it was before this push`,
  );
}

async function environmentFacts(
  from: FactSources,
  about: {
    readonly intent: PushIntent;
    readonly app: string;
    /** Where a change deploys. */
    readonly paths: readonly string[];
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
  const [isBehindDecided, hasChanged, ownsStack] = await Promise.all([
    decidedSha === null || decidedSha === intent.before
      ? false
      : from.source.isAncestor(repository, sha, decidedSha),
    decidedSha === null ? true : from.source.hasChanged(repository, decidedSha, sha, about.paths),
    !about.isReadable ||
      from.store.catalog.claimStack(environment.stackName, {
        repositoryId: repository.id,
        app,
        environment: environment.name,
      }),
  ]);
  const { name, stackName, url } = environment;
  const hold = record?.hold ?? null;
  return { name, stackName, url, hold, decidedSha, isBehindDecided, hasChanged, ownsStack };
}

/** With no readable policy, the environments known so far (else `production`) are told of its problems. */
async function invalid(
  source: Source,
  about: Pick<PushFacts, "policySha" | "place"> & {
    readonly intent: PushIntent;
    readonly records: readonly EnvironmentRecord[];
    readonly problems: readonly Annotation[] | null;
  },
): Promise<PushFacts> {
  const { problems, policySha, place, intent } = about;
  const { repository, sha } = intent;
  const app = knownApp(about.records) ?? nameOf(repository.name);
  const records = about.records.filter((known) => known.app === app);
  const names = records.map(({ environment }) => environment);
  const environments = (names.length > 0 ? names : ["production"]).map(async (name) => {
    const record = records.find(({ environment }) => environment === name);
    const decidedSha = record?.decidedSha ?? null;
    return {
      name,
      stackName: record?.stackName ?? `${app}-${name}`,
      url: null,
      decidedSha,
      isBehindDecided:
        decidedSha !== null && (await source.isAncestor(repository, sha, decidedSha)),
      hasChanged: true,
      ownsStack: true,
      hold: record?.hold ?? null,
    };
  });
  return {
    app,
    policySha,
    place,
    environments: problems ? await Promise.all(environments) : [],
    problems: problems ?? [],
    warnings: [],
  };
}
