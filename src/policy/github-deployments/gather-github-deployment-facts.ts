import { DEPLOYMENT_STATES, laneOf } from "../../deployment.ts";
import type { GitHubDeploymentIntent } from "../../intent.ts";
import type { Resolved } from "../../source/ports.ts";
import type { EnvironmentKey } from "../../store/ports.ts";
import { claimPlace, gatherKnownPlaces, type Place } from "../known-places.ts";
import { isAtLeast } from "../commands/roles.ts";
import type { FactSources } from "../ports.ts";
import type { Role } from "../ports.ts";
import { readConfig } from "../read-config.ts";
import type { GitHubDeploymentFacts } from "./decide-github-deployment.ts";

/** How many deployments of an environment are looked at for newer ones. */
const LOOKED_AT = 50;

/** Reads all that the decision about a GitHub deployment of somebody else turns on. */
export async function gatherGitHubDeploymentFacts(
  from: FactSources,
  intent: GitHubDeploymentIntent,
): Promise<GitHubDeploymentFacts> {
  const { repository, defaultBranch, sha } = intent;
  const known = await gatherKnownPlaces(from, { repository, defaultBranch });
  const environment = known.environments.find(({ name }) => name === intent.environment);
  if (environment === undefined) return { kind: "elsewhere" };
  const { app, policySha } = known;
  const { name, stackName, url } = environment;
  const place: Place = { app, policySha, environment: { name, stackName, url }, ownsStack: true };
  const nothingYet = { isOvertaken: false, hold: null, problems: [], warnings: [] };
  const base = { kind: "ours" as const, place, ...nothingYet };
  const role = await roleOfMaker(from, intent);
  if (!isAtLeast(role, "write")) return { ...base, role, commit: null, ref: null };
  const [commit, named] = await Promise.all([
    from.source.resolve(repository, sha),
    from.source.resolve(repository, intent.ref),
  ]);
  const facts = { ...base, role, commit, ref: refOf(named, intent) };
  if (commit.kind !== "found") return facts;
  return { ...facts, ...(await readContent(from, intent, place)) };
}

/**
 * The role of who made it. GitHub lets nobody without write access make a deployment; an App has no role to ask for, so
 * it counts as `write`.
 */
async function roleOfMaker(
  { permissions }: FactSources,
  { isBot, repository, actor }: GitHubDeploymentIntent,
): Promise<Role> {
  return isBot ? "write" : await permissions.roleOf(repository, actor);
}

/** A branch goes on after the deployment was made, and then is still where the commit came from; a tag was moved. */
function refOf(named: Resolved, { sha }: GitHubDeploymentIntent): string | null {
  if (named.kind !== "found" || named.ref === null) return null;
  return named.sha === sha || named.ref.startsWith("refs/heads/") ? named.ref : null;
}

async function readContent(
  from: FactSources,
  { repository, defaultBranch, sha, githubDeploymentId }: GitHubDeploymentIntent,
  place: Place,
): Promise<Partial<Extract<GitHubDeploymentFacts, { kind: "ours" }>>> {
  const { policySha } = place;
  const config = { repository, policySha, sha, defaultBranch };
  const { store } = from;
  const { parsed, policy } = await readConfig(from.source, config);
  if (!parsed.ok) {
    return { problems: parsed.problems, warnings: policy.ok ? policy.warnings : [] };
  }
  const { app, environments } = parsed.config;
  const found = environments.find(({ name }) => name === place.environment.name);
  const { name, stackName, url } = found ?? place.environment;
  const environment = { name, stackName, url };
  const claimed = await claimPlace(from, repository, { app: app.name, policySha, environment });
  const key = { repositoryId: repository.id, app: app.name, environment: name };
  const [record, isOvertaken] = await Promise.all([
    store.catalog.environment(key),
    hasNewer(from, key, githubDeploymentId),
  ]);
  const hold = record?.hold ?? null;
  return { place: claimed, isOvertaken, hold, warnings: parsed.warnings };
}

/** Whether a GitHub deployment that was made later was let through in the environment. GitHub counts them up. */
async function hasNewer(
  { store }: FactSources,
  { repositoryId, app, environment }: EnvironmentKey,
  githubDeploymentId: number,
): Promise<boolean> {
  const lane = laneOf(repositoryId, app, environment);
  const states = DEPLOYMENT_STATES.filter((state) => state !== "refused");
  const newest = await store.deployments.list({ lane, states, limit: LOOKED_AT });
  return newest.some((known) => (known.githubDeploymentId ?? 0) > githubDeploymentId);
}
