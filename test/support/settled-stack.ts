import type { ReleaseStack, StackDraft } from "../../src/release.ts";
import { STACK_LABELS, type ServiceSpec } from "../../src/swarm-objects.ts";
import { bindGiven } from "./bind-given.ts";
import { removeServices, sharedDocker } from "./engine.ts";
import { waitUntil } from "./wait-until.ts";

/** The release of a draft that runs no task: the engine stores the same, and nobody waits. */
export function withoutTasks(draft: StackDraft): ReleaseStack {
  const services = draft.services.map((service) => ({ ...service, spec: idle(service.spec) }));
  return bindGiven({ ...draft, services });
}

/** Where no number of tasks can be said, no node will do. */
function idle(spec: ServiceSpec): ServiceSpec {
  if (spec.Mode.Replicated) return { ...spec, Mode: { Replicated: { Replicas: 0 } } };
  const { TaskTemplate: task } = spec;
  const Constraints = [...(task.Placement.Constraints ?? []), "node.labels.none==here"];
  return { ...spec, TaskTemplate: { ...task, Placement: { ...task.Placement, Constraints } } };
}

/** Makes what a stack expects to be there already. */
export async function makeExternals(external: ReleaseStack["external"]): Promise<void> {
  const docker = sharedDocker();
  for (const Name of external.networks) await docker.createNetwork({ Name, Driver: "overlay" });
  for (const Name of external.configs) await docker.createConfig({ Name, Data: "YQ==" });
  for (const Name of external.secrets) await docker.createSecret({ Name, Data: "YQ==" });
}

/** Removes a stack, and what was made for it. */
export async function removeStack(
  stackName: string,
  external: ReleaseStack["external"],
): Promise<void> {
  const docker = sharedDocker();
  await removeServices(`${stackName}_`);
  const isOurs = (kind: keyof ReleaseStack["external"], spec: Named | undefined): boolean =>
    spec?.Labels?.[STACK_LABELS.namespace] === stackName ||
    external[kind].includes(spec?.Name ?? "");
  for (const { ID, Spec } of await docker.listConfigs()) {
    if (isOurs("configs", Spec)) await docker.getConfig(ID).remove();
  }
  for (const { ID, Spec } of await docker.listSecrets()) {
    if (isOurs("secrets", Spec)) await docker.getSecret(ID).remove();
  }
  await waitUntil(`the networks of ${stackName} are gone`, async () => {
    const networks = (await docker.listNetworks()).filter((each) => isOurs("networks", each));
    // One that is just going cannot be removed a second time.
    for (const { Id } of networks) {
      await docker
        .getNetwork(Id)
        .remove()
        .catch(() => undefined);
    }
    return networks.length === 0;
  });
}

/** As networks, configs and secrets are listed. */
interface Named {
  readonly Name?: string | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
}
