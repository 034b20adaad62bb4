import { withFileNames } from "../../stack/content-names.ts";
import { STACK_LABELS } from "../../swarm-objects.ts";
import type { LiveNode } from "../ports.ts";
import { planFiles, type FilePlan } from "./plan-files.ts";
import { planNetworks } from "./plan-networks.ts";
import { planRemovals } from "./plan-removals.ts";
import { planService } from "./plan-service.ts";
import { labelSpec } from "./service-spec.ts";
import type { StackPlan, StackPlanRequest } from "./stack-plan.ts";
import { waves } from "./waves.ts";

/**
 * What would make the Swarm match a release. A pure function, whatever the order of the lists that it is given: planned
 * again over what it led to, everything is kept.
 */
export function planStack(request: StackPlanRequest): StackPlan {
  const { stackName, release, live, serverKey } = request;
  const own = live.services.filter(({ spec }) => spec.Labels[STACK_LABELS.namespace] === stackName);
  const shared = { stackName, live, services: own, serverKey };
  const configs = planFiles({ ...shared, kind: "config", files: release.configs });
  const secrets = planFiles({ ...shared, kind: "secret", files: release.secrets });
  const names = { configs: namesOf(configs), secrets: namesOf(secrets) };

  const running = new Map(own.map((service) => [service.spec.Name, service]));
  const nodes = live.nodes.filter(canRun).length;
  const plans = release.services.map((service) => {
    const desired = labelSpec(withFileNames(service.spec, names), request);
    return planService({ service, desired, live: running.get(desired.Name) ?? null, nodes });
  });
  const operationOf = new Map(plans.map(({ planned, operation }) => [planned, operation]));
  const services = waves(plans.map(({ planned }) => planned)).flat();

  const networks = planNetworks(stackName, release.networks, live.networks);
  const files = [...configs, ...secrets];
  const removals = planRemovals(own, services);
  const operations = [
    ...removals.filter(({ planned }) => planned.isFirst).map(({ operation }) => operation),
    ...[...networks, ...files].map(({ operation }) => operation),
    ...services.flatMap((service) => operationOf.get(service) ?? []),
    ...removals.filter(({ planned }) => !planned.isFirst).map(({ operation }) => operation),
  ];
  return {
    networks: networks.map(({ planned }) => planned),
    files: files.map(({ planned }) => planned),
    services,
    removals: removals.map(({ planned }) => planned),
    operations: [
      ...operations.filter(({ kind }) => kind !== "keep"),
      ...operations.filter(({ kind }) => kind === "keep"),
    ],
  };
}

function namesOf(plans: readonly FilePlan[]): ReadonlyMap<string, string> {
  return new Map(plans.map(({ planned }) => [planned.file.cliName, planned.spec.Name]));
}

function canRun({ availability, state }: LiveNode): boolean {
  return availability === "active" && state === "ready";
}
