import { buildServiceSpec } from "./compose/service.ts";
import type { Run } from "./run.ts";
import type { ServiceSpec } from "./service-spec.ts";

/** The label that names the owner of a service: `<repository id>/<app>/<environment>`. */
export const OWNER_LABEL = "skep.owner";

/** The full name of the one service of a run's stack, as `docker stack deploy` would name it. */
export function serviceNameOf(run: Run): string {
  const { stackName, app } = run.deployment();
  return `${stackName}_${app}`;
}

/** The spec that a run wants: a pure function of its release, so that it is the same after a crash. */
export function desiredSpec(run: Run): ServiceSpec {
  const { id, stackName, app, lane } = run.deployment();
  const release = run.release();
  return buildServiceSpec({
    stackName,
    serviceName: app,
    definition: release.stack,
    image: release.image,
    deploymentId: id,
    releaseId: release.id,
    extraLabels: { [OWNER_LABEL]: lane },
    defaultNetwork: run.deps.defaultNetwork,
  });
}
