import { SKEP_LABELS } from "../swarm-objects.ts";
import { buildServiceSpec } from "./compose/service.ts";
import type { LiveService } from "./ports.ts";
import type { Run } from "./run.ts";
import type { ServiceSpec } from "../swarm-objects.ts";

/** The full name of the one service of a run's stack, as `docker stack deploy` would name it. */
export function serviceNameOf(run: Run): string {
  const { stackName, app } = run.deployment();
  return `${stackName}_${app}`;
}

/**
 * The spec that a run wants: a pure function of its release, so that it is the same after a crash. Somebody's
 * `docker service update --force` is carried on: to reset it would restart tasks for nothing.
 */
export function desiredSpec(run: Run, live: LiveService | null): ServiceSpec {
  const { id, stackName, app, lane } = run.deployment();
  const release = run.release();
  const spec = buildServiceSpec({
    stackName,
    serviceName: app,
    definition: release.stack,
    image: release.image,
    deploymentId: id,
    releaseId: release.id,
    extraLabels: { [SKEP_LABELS.owner]: lane },
    defaultNetwork: run.deps.defaultNetwork,
  });
  const ForceUpdate = live?.spec.TaskTemplate.ForceUpdate ?? spec.TaskTemplate.ForceUpdate;
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate } };
}
