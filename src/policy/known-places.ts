import { quote } from "../commands/quote.ts";
import type { RepositoryRef } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { EnvironmentKey, EnvironmentRecord } from "../store/ports.ts";
import { nameOf } from "./config/names.ts";
import { knownApp } from "./known-app.ts";
import type { FactSources } from "./ports.ts";
import { readConfig, type ReadConfig } from "./read-config.ts";

/** Where something is deployed, as today's policy says. */
export interface Place {
  readonly app: string;
  readonly environment: {
    readonly name: string;
    readonly stackName: string;
    readonly url: string | null;
  };
  readonly policySha: string;
  /** Whether the stack's name is this environment's own. */
  readonly ownsStack: boolean;
}

/** The environments of a repository, as today's policy says. */
export interface KnownPlaces {
  readonly app: string;
  readonly policySha: string;
  readonly environments: readonly Place["environment"][];
}

/**
 * Reads the environments at the default branch's head. With a policy that cannot be read, they are the ones known so
 * far (else `production`), so that going back is possible all the same. Throws `source_not_found` without that branch.
 */
export async function gatherKnownPlaces(
  from: FactSources,
  about: { readonly repository: RepositoryRef; readonly defaultBranch: string },
): Promise<KnownPlaces> {
  const { repository, defaultBranch } = about;
  const head = await from.source.resolve(repository, `refs/heads/${defaultBranch}`);
  if (head.kind !== "found") {
    const message = `reading the policy: the repository has no branch ${quote(defaultBranch)}`;
    const nextStep = "Write the command again once the default branch is there.";
    throw new SkepError("source_not_found", message, { nextStep });
  }
  const policySha = head.sha;
  const [config, records] = await Promise.all([
    readConfig(from.source, { repository, policySha, sha: policySha, defaultBranch }),
    from.store.catalog.environmentsOf(repository.id),
  ]);
  return { policySha, ...namesOf(config, records, repository) };
}

/** Claims the stack's name for an environment, and tells whether it is its own. */
export async function claimPlace(
  from: FactSources,
  repository: RepositoryRef,
  place: Omit<Place, "ownsStack">,
): Promise<Place> {
  const { app, environment } = place;
  const key: EnvironmentKey = { repositoryId: repository.id, app, environment: environment.name };
  return { ...place, ownsStack: await from.store.catalog.claimStack(environment.stackName, key) };
}

function namesOf(
  { parsed, policy }: ReadConfig,
  records: readonly EnvironmentRecord[],
  repository: RepositoryRef,
): Omit<KnownPlaces, "policySha"> {
  if (parsed.ok) return { app: parsed.config.app.name, environments: parsed.config.environments };
  const made = policy.ok ? policy.config : null;
  const app = knownApp(records) ?? made?.app.name ?? nameOf(repository.name);
  const stacks = new Map(
    records.filter((record) => record.app === app).map((own) => [own.environment, own.stackName]),
  );
  const names = stacks.size > 0 ? [...stacks.keys()] : ["production"];
  const policies = names.map((name) => ({ name, stackName: `${app}-${name}`, url: null }));
  const environments = (made?.environments ?? policies).map(({ name, stackName, url }) => ({
    name,
    url,
    stackName: stacks.get(name) ?? stackName,
  }));
  return { app, environments };
}
