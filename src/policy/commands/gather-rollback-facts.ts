import type { Deployment, RepositoryRef } from "../../deployment.ts";
import { laneOf } from "../../deployment.ts";
import type { RollBackIntent } from "../../intent.ts";
import type { Release, ReleaseImage } from "../../release.ts";
import type { EnvironmentKey } from "../../store/ports.ts";
import type { FactSources } from "../ports.ts";
import type { Ran, RollbackFacts } from "./command-facts.ts";
import { claimPlace, gatherKnownPlaces, type KnownPlaces } from "../known-places.ts";
import { nameDeployment } from "./name-deployment.ts";
import { notInPolicy, refusal, type Refusal } from "./refusal.ts";
import { isAtLeast } from "./roles.ts";
import type { RollBackButtonFacts } from "./rollback.ts";
import { findTarget, isUnsettled, type RunHistory } from "./rollback-target.ts";

type Asked = RollbackFacts | { readonly kind: "refused"; readonly refusal: Refusal };

/** How many successes of a lane are looked at. */
const MOST_RUNS = 200;

/** Reads what going back in an environment is decided on: the releases that ran there, and the images of the one. */
export async function gatherRollbackFacts(
  from: FactSources,
  about: {
    readonly repository: RepositoryRef;
    readonly known: KnownPlaces;
    readonly environment: KnownPlaces["environments"][number];
    readonly target: string | null;
  },
): Promise<Asked> {
  const { repository, known, environment, target } = about;
  const key = { repositoryId: repository.id, app: known.app, environment: environment.name };
  const found = findTarget(await gatherHistory(from, key), target);
  if (found.kind === "refused") return found;
  return gatherRelease(from, { repository, known, environment, target: found.ran });
}

/** Reads what a press of "Roll back" is decided on. Nothing is looked up for who may not roll back. */
export async function gatherRollBackButtonFacts(
  from: FactSources,
  intent: RollBackIntent,
): Promise<RollBackButtonFacts> {
  const { repository, actor } = intent;
  const deployment = await from.store.deployments.get(intent.deploymentId);
  if (deployment?.repository.id !== repository.id) return { role: "none", asked: null };
  const role = await from.permissions.roleOf(repository, actor);
  if (!isAtLeast(role, "write")) return { role, asked: refuse(notRunning(deployment)) };
  return { role, asked: await gatherBefore(from, intent, deployment) };
}

/** The release before that of a deployment, when that is what runs. */
async function gatherBefore(
  from: FactSources,
  intent: RollBackIntent,
  deployment: Deployment,
): Promise<Asked> {
  const { repository } = intent;
  const { app, environment: name } = deployment;
  const key = { repositoryId: repository.id, app, environment: name };
  const history = await gatherHistory(from, key);
  const { current } = history;
  if (current === null || current.id !== deployment.releaseId) {
    return refuse(notRunning(deployment));
  }
  const found = findTarget({ ...history, isUnsettled: false }, null);
  if (found.kind === "refused") return found;
  const known = await gatherKnownPlaces(from, intent);
  const environment = known.environments.find((candidate) => candidate.name === name);
  if (!environment || known.app !== app) return refuse(notInPolicy(app, name));
  return gatherRelease(from, { repository, known, environment, target: found.ran });
}

function notRunning(deployment: Deployment): Refusal {
  const message = `what ${nameDeployment(deployment)} deployed does not run in ${deployment.environment}`;
  const nextStep = `\`/rollback ${deployment.environment}\` goes back from what runs.`;
  return refusal("release_running", message, nextStep);
}

function refuse(refused: Refusal): Asked {
  return { kind: "refused", refusal: refused };
}

/** What ran in an environment, by the records of its own lane only. */
async function gatherHistory(from: FactSources, key: EnvironmentKey): Promise<RunHistory> {
  const { catalog, deployments } = from.store;
  const lane = laneOf(key.repositoryId, key.app, key.environment);
  const states = [
    "running",
    "rolling_back",
    "succeeded",
    "rolled_back",
    "rollback_failed",
  ] as const;
  const [record, successes, [newest]] = await Promise.all([
    catalog.environment(key),
    deployments.list({ lane, states: ["succeeded"], limit: MOST_RUNS }),
    deployments.list({ lane, states, limit: 1 }),
  ]);
  const ids = [record?.desiredReleaseId, ...successes.map(({ releaseId }) => releaseId)];
  const releases = new Map<string, Release>();
  for (const id of new Set(ids)) {
    const release = id ? await catalog.release(id) : null;
    if (release && isOf(release, key)) releases.set(release.id, release);
  }
  const runs = successes.flatMap((deployment): readonly Ran[] => {
    const release = releases.get(deployment.releaseId ?? "");
    return release ? [{ release, deployment }] : [];
  });
  const current = releases.get(record?.desiredReleaseId ?? "") ?? null;
  const { environment } = key;
  return { environment, runs, current, isUnsettled: isUnsettled(newest ?? null) };
}

function isOf(release: Release, { repositoryId, app, environment }: EnvironmentKey): boolean {
  return (
    release.repositoryId === repositoryId &&
    release.app === app &&
    release.environment === environment
  );
}

async function gatherRelease(
  from: FactSources,
  about: {
    readonly repository: RepositoryRef;
    readonly known: KnownPlaces;
    readonly environment: KnownPlaces["environments"][number];
    readonly target: Ran;
  },
): Promise<RollbackFacts> {
  const { repository, known, environment, target } = about;
  const { app, policySha } = known;
  const { name, stackName, url } = environment;
  const goneImages = await findGoneImages(from, target.release);
  // Only what can go on claims a stack.
  const place = { app, environment: { name, stackName, url }, policySha };
  return {
    kind: "rollback",
    target,
    goneImages,
    place:
      goneImages.length === 0
        ? await claimPlace(from, repository, place)
        : { ...place, ownsStack: true },
  };
}

/**
 * The services of a release that were built and whose very image the engine does not have any more. Images that were
 * given, or pushed to a registry, are asked for there when they are needed.
 */
export async function findGoneImages(
  from: FactSources,
  { stack }: Release,
): Promise<readonly string[]> {
  const here = stack.services.filter(
    ({ image }) => image.buildKey !== null && image.digest === null,
  );
  const isThere = async ({ buildKey }: ReleaseImage): Promise<boolean> => {
    const build = await from.store.catalog.build(buildKey ?? "");
    return build !== null && (await from.images.imageId(build.image)) === build.imageId;
  };
  const found = await Promise.all(here.map(({ image }) => isThere(image)));
  return here.filter((_, index) => found[index] === false).map(({ key }) => key);
}
