import { SKEP_LABELS, type ServiceSpec } from "../../swarm-objects.ts";
import { diffSpecs, isTaskPath, type SpecChange } from "./spec-diff.ts";

/** Whom a service is deployed for. */
export interface DeployedFor {
  readonly deploymentId: string;
  readonly releaseId: string;
  readonly owner: string;
}

/** The spec with Skep's labels. */
export function labelSpec(
  spec: ServiceSpec,
  { deploymentId, releaseId, owner }: DeployedFor,
): ServiceSpec {
  return {
    ...spec,
    Labels: {
      ...spec.Labels,
      [SKEP_LABELS.deployment]: deploymentId,
      [SKEP_LABELS.release]: releaseId,
      [SKEP_LABELS.owner]: owner,
    },
  };
}

/** What may be sent over a live service, and in what it differs from that. */
export interface SettledSpec {
  readonly spec: ServiceSpec;
  readonly changes: readonly SpecChange[];
}

/**
 * The spec made fit to be sent over the live one. A tag that runs pinned keeps its pin, the count of forced restarts
 * goes on, and wherever nothing differs the live form itself is sent: Swarm compares byte by byte, so that an equal
 * template in another order would restart all tasks for a new label.
 */
export function settleSpec(desired: ServiceSpec, live: ServiceSpec): SettledSpec {
  const pinned = keepPin(desired, live);
  const changes = diffSpecs(live, pinned);
  const { Placement } = pinned.TaskTemplate;
  const TaskTemplate = {
    ...(changes.some(({ path }) => isTaskPath(path)) ? pinned : live).TaskTemplate,
    // Never left out, whatever the live spec has: engines before 29.7 crash-loop when an update drops it.
    Placement,
    ForceUpdate: live.TaskTemplate.ForceUpdate,
  };
  const hasPorts = changes.some(({ path }) => path.startsWith("EndpointSpec/"));
  const { EndpointSpec } = hasPorts ? pinned : live;
  return { spec: { ...pinned, TaskTemplate, EndpointSpec }, changes };
}

/** A bare tag of which a digest runs stays at that digest, for the platforms that it was found to have. */
function keepPin(desired: ServiceSpec, live: ServiceSpec): ServiceSpec {
  const { ContainerSpec, Placement } = desired.TaskTemplate;
  const running = live.TaskTemplate.ContainerSpec.Image;
  const isSame =
    ContainerSpec.Image === running || running.startsWith(`${ContainerSpec.Image}@sha256:`);
  if (!isSame) return desired;
  const platforms = Placement.Platforms ?? live.TaskTemplate.Placement?.Platforms;
  return {
    ...desired,
    TaskTemplate: {
      ...desired.TaskTemplate,
      ContainerSpec: { ...ContainerSpec, Image: running },
      Placement: { ...Placement, ...(platforms && { Platforms: platforms }) },
    },
  };
}
