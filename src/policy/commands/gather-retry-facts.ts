import type { Deployment, RepositoryRef } from "../../deployment.ts";
import { DEPLOYMENT_STATES, isFinal } from "../../deployment.ts";
import type { RetryIntent } from "../../intent.ts";
import { claimPlace, gatherKnownPlaces, type KnownPlaces, type Place } from "../known-places.ts";
import type { FactSources } from "../ports.ts";
import type { RetryCommandFacts } from "./command-facts.ts";
import { findGoneImages } from "./gather-rollback-facts.ts";
import { newestDeployment } from "./newest-deployment.ts";
import type { RetryFacts } from "./retry.ts";
import { isAtLeast } from "./roles.ts";

/** Reads what a press of "Retry" is decided on. Nothing is looked up for who may not retry. */
export async function gatherRetryFacts(
  from: FactSources,
  intent: RetryIntent,
): Promise<RetryFacts> {
  const { repository, actor } = intent;
  const deployment = await from.store.deployments.get(intent.deploymentId);
  if (deployment?.repository.id !== repository.id) {
    return { deployment: null, role: "none", place: null, goneImages: [] };
  }
  const role = await from.permissions.roleOf(repository, actor);
  if (!isAtLeast(role, "write") || !isFinal(deployment.state)) {
    return { deployment, role, place: null, goneImages: [] };
  }
  const known = await gatherKnownPlaces(from, intent);
  const { app, environment: name } = deployment;
  const environment = known.environments.find((candidate) => candidate.name === name);
  if (!environment || known.app !== app) return { deployment, role, place: null, goneImages: [] };
  const place = await placeOf(from, { repository, known, environment });
  return { deployment, role, place, goneImages: await findOldImages(from, deployment) };
}

/** Reads what `/retry` is decided on. */
export async function gatherRetryCommandFacts(
  from: FactSources,
  about: {
    readonly repository: RepositoryRef;
    readonly known: KnownPlaces;
    readonly environment: KnownPlaces["environments"][number];
  },
): Promise<RetryCommandFacts> {
  const { repository, known, environment } = about;
  const states = DEPLOYMENT_STATES.filter((state) => !["waiting", "superseded"].includes(state));
  const key = { repositoryId: repository.id, app: known.app, environment: environment.name };
  const newest = await newestDeployment(from, key, states);
  const goneImages = newest === null ? [] : await findOldImages(from, newest);
  return { kind: "retry", place: await placeOf(from, about), newest, goneImages };
}

async function placeOf(
  from: FactSources,
  about: Parameters<typeof gatherRetryCommandFacts>[1],
): Promise<Place> {
  const { app, policySha } = about.known;
  const { name, stackName, url } = about.environment;
  const environment = { name, stackName, url };
  return await claimPlace(from, about.repository, { app, environment, policySha });
}

/** The services whose image is gone that a rollback would run again; anything else is built anew. */
async function findOldImages(
  from: FactSources,
  { app, kind, releaseId }: Deployment,
): Promise<readonly string[]> {
  if (kind === "deploy" || releaseId === null) return [];
  const release = await from.store.catalog.release(releaseId);
  // Nothing tells any more which services it had.
  return release === null ? [app] : await findGoneImages(from, release);
}
