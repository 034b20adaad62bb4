import { SkepError } from "../../errors.ts";
import type { TagIntent } from "../../intent.ts";
import type { EnvironmentRecord } from "../../store/ports.ts";
import type { RepositoryConfig } from "../config/config.ts";
import { nameOf } from "../config/names.ts";
import { matchesTag } from "../config/tag-pattern.ts";
import { knownApp } from "../known-app.ts";
import type { FactSources } from "../ports.ts";
import { readConfig } from "../read-config.ts";
import type { TagFacts, TagTarget } from "./decide-tag.ts";

type Environment = RepositoryConfig["environments"][number];

/**
 * Reads all that the decision about a tag turns on: the policy of the default branch, the content of the commit that the
 * tag names now. Throws `source_not_found` while GitHub's git servers may just not have seen the tag yet.
 */
export async function gatherTagFacts(from: FactSources, intent: TagIntent): Promise<TagFacts> {
  const { repository, defaultBranch, tag } = intent;
  const [named, head, records] = await Promise.all([
    from.source.resolve(repository, `refs/tags/${tag}`),
    from.source.resolve(repository, `refs/heads/${defaultBranch}`),
    from.store.catalog.environmentsOf(repository.id),
  ]);
  if (named.kind !== "found") throw notSeen(tag, "the repository has no such tag");
  if (head.kind !== "found") throw notSeen(tag, `the repository has no branch ${defaultBranch}`);
  const { sha, title } = named;
  refuseStaleTag(intent, sha, records);
  const policySha = head.sha;
  const common = { policySha, sha, title };
  const { parsed, policy } = await readConfig(from.source, {
    repository,
    policySha,
    sha,
    defaultBranch,
  });
  if (!policy.ok) return { ...common, ...inTheDark(intent, records), problems: policy.problems };
  const { config, warnings } = policy;
  const app = parsed.ok ? config.app.name : (knownApp(records) ?? config.app.name);
  const about = { intent, app, sha, records, isReadable: parsed.ok };
  const environments = await Promise.all(
    config.environments
      .filter((environment) => isWanted(environment, intent))
      .map((environment) => targetOf(from, { ...about, environment })),
  );
  return { ...common, app, environments, problems: parsed.ok ? [] : parsed.problems, warnings };
}

function isWanted({ tag: pattern, onRelease }: Environment, { cause, tag }: TagIntent): boolean {
  return cause === "release" ? onRelease : pattern !== null && matchesTag(pattern, tag);
}

async function targetOf(
  from: FactSources,
  about: {
    readonly intent: TagIntent;
    readonly app: string;
    readonly sha: string;
    readonly records: readonly EnvironmentRecord[];
    readonly environment: Environment;
    /** Only then is the stack's name known for sure. */
    readonly isReadable: boolean;
  },
): Promise<TagTarget> {
  const { intent, app, sha, environment } = about;
  const { repository } = intent;
  const { name, stackName, url, branch } = environment;
  const record = about.records.find((known) => known.app === app && known.environment === name);
  const { decidedSha = null, decidedVersion = null, hold = null } = record ?? {};
  const mayBeBehind = branch !== null && decidedVersion === intent.tag && decidedSha !== null;
  const key = { repositoryId: repository.id, app, environment: name };
  const [isBehindDecided, ownsStack] = await Promise.all([
    mayBeBehind && from.source.isAncestor(repository, sha, decidedSha),
    !about.isReadable || from.store.catalog.claimStack(stackName, key),
  ]);
  return { name, stackName, url, hold, ownsStack, decidedSha, decidedVersion, isBehindDecided };
}

/**
 * A tag that was moved, and is shown where it was decided before: a server that has not heard of the move yet would show
 * just that, and the move would be lost.
 */
function refuseStaleTag(
  { cause, tag, sha: pushed }: TagIntent,
  shown: string,
  records: readonly EnvironmentRecord[],
): void {
  if (cause === "release" || pushed === null || pushed === shown) return;
  const isOld = records.some(
    ({ decidedVersion, decidedSha }) => decidedVersion === tag && decidedSha === shown,
  );
  if (isOld) throw notSeen(tag, "it is where it was before this push");
}

function notSeen(tag: string, why: string): SkepError {
  return new SkepError("source_not_found", `looking for the tag ${tag}: ${why}`, {
    nextStep: "Push the tag again, if it should be deployed.",
  });
}

/** With no readable policy, the environments that tags were deployed to are told of its problems. */
function inTheDark(
  { repository }: TagIntent,
  records: readonly EnvironmentRecord[],
): Pick<TagFacts, "app" | "environments" | "warnings"> {
  const app = knownApp(records) ?? nameOf(repository.name);
  const tagged = records.filter((known) => known.app === app && known.decidedVersion !== null);
  const environments = tagged.map(
    ({ environment, stackName, hold, decidedSha, decidedVersion }): TagTarget => ({
      name: environment,
      stackName: stackName ?? `${app}-${environment}`,
      url: null,
      ownsStack: true,
      hold,
      decidedSha,
      decidedVersion,
      isBehindDecided: false,
    }),
  );
  return { app, environments, warnings: [] };
}
