import type { StackPlan } from "../../../src/deployer/plan/stack-plan.ts";
import type {
  LiveCluster,
  LiveFile,
  LiveNetwork,
  LiveService,
} from "../../../src/deployer/ports.ts";
import type { NetworkSpec, ServiceMode, ServiceSpec } from "../../../src/swarm-objects.ts";
import { aLiveService } from "./stacks.ts";

/** The Swarm after a plan was carried out; `texts` are the contents of the configs, by path. */
export function applyPlan(
  live: LiveCluster,
  plan: StackPlan,
  texts: ReadonlyMap<string, string>,
): LiveCluster {
  return {
    ...live,
    services: applyServices(live.services, plan),
    networks: [
      ...live.networks,
      ...plan.networks.filter(({ kind }) => kind === "create").map(({ spec }) => created(spec)),
    ],
    configs: applyFiles(live.configs, plan, { fileKind: "config", texts }),
    secrets: applyFiles(live.secrets, plan, { fileKind: "secret", texts }),
  };
}

function applyServices(live: readonly LiveService[], plan: StackPlan): readonly LiveService[] {
  const removed = new Set(plan.removals.map((removal) => removal.live.spec.Name));
  const sent = plan.services.filter(({ kind }) => kind !== "keep");
  const byName = new Map(live.map((service) => [service.spec.Name, service]));
  for (const { spec } of sent) byName.set(spec.Name, aLiveService(readBack(spec)));
  return [...byName.values()].filter(({ spec }) => !removed.has(spec.Name));
}

function created({
  Name,
  Driver,
  Labels,
  Options,
  Internal,
  Attachable,
  IPAM,
}: NetworkSpec): LiveNetwork {
  const subnets = (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
  return {
    id: Name,
    name: Name,
    driver: Driver,
    labels: Labels,
    options: { ...Options, "com.docker.network.driver.overlay.vxlanid_list": "4098" },
    isInternal: Internal,
    isAttachable: Attachable,
    isIngress: false,
    subnets: subnets.length > 0 ? subnets : ["10.0.9.0/24"],
  };
}

function applyFiles(
  live: readonly LiveFile[],
  plan: StackPlan,
  { fileKind, texts }: { fileKind: "config" | "secret"; texts: ReadonlyMap<string, string> },
): readonly LiveFile[] {
  const byName = new Map(live.map((file) => [file.name, file]));
  for (const { kind, fileKind: its, spec, file } of plan.files) {
    if (its !== fileKind || kind === "keep") continue;
    const before = byName.get(spec.Name);
    // The engine refuses the one, and finds nothing for the other.
    if ((before === undefined) !== (kind === "create")) throw new Error(`${kind} ${spec.Name}`);
    const text = texts.get(file.path ?? "") ?? "";
    const data = fileKind === "secret" ? null : Buffer.from(text);
    const made = { id: spec.Name, version: 1, name: spec.Name, data, templating: null };
    byName.set(spec.Name, { ...(before ?? made), labels: spec.Labels });
  }
  return [...byName.values()];
}

/** What the engine answers for a spec that it was sent. */
function readBack(spec: ServiceSpec): ServiceSpec {
  const { ContainerSpec, RestartPolicy, ...task } = spec.TaskTemplate;
  const isolation = { Isolation: "default" };
  const runtime = { Runtime: "container" };
  return {
    ...spec,
    Mode: readBackMode(spec.Mode),
    TaskTemplate: {
      ...task,
      ...runtime,
      ContainerSpec: { ...ContainerSpec, ...isolation },
      ...(RestartPolicy && {
        RestartPolicy: { Condition: "any", MaxAttempts: 0, ...RestartPolicy },
      }),
    },
    ...(spec.UpdateConfig && {
      UpdateConfig: {
        ...spec.UpdateConfig,
        MaxFailureRatio: Math.fround(spec.UpdateConfig.MaxFailureRatio),
      },
    }),
    EndpointSpec: {
      Mode: "vip",
      ...spec.EndpointSpec,
      ...(spec.EndpointSpec.Ports && {
        Ports: spec.EndpointSpec.Ports.map((port) => ({
          Protocol: "tcp",
          PublishMode: "ingress",
          ...port,
        })),
      }),
    },
  };
}

function readBackMode(mode: ServiceMode): ServiceMode {
  if (mode.Replicated) return { Replicated: { Replicas: 1, ...mode.Replicated } };
  if (!mode.ReplicatedJob) return mode;
  const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = mode.ReplicatedJob;
  return { ReplicatedJob: { MaxConcurrent, TotalCompletions } };
}
