import { z } from "zod";
import type { ContainerSpec, FileReference, TaskSpec } from "../../swarm-objects.ts";
import type { LiveService } from "../ports.ts";
import { serviceSpec } from "./service-spec.ts";

/** Milliseconds since the epoch, of the engine's timestamps with nanoseconds. */
export const timestamp = z.string().transform((text) => Date.parse(text));

const updateStatus = z.object({
  State: z.string(),
  Message: z.string().default(""),
  StartedAt: timestamp.optional(),
  CompletedAt: timestamp.optional(),
});

/** A service as the engine tells it, without inserted defaults. Its networks are named by ID. */
export const serviceAnswer = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  CreatedAt: timestamp,
  UpdatedAt: timestamp,
  Spec: serviceSpec,
  UpdateStatus: updateStatus.optional(),
});

/** One of these answers. */
export type ServiceAnswer = z.infer<typeof serviceAnswer>;

/** The IDs of the networks that a service's tasks join. */
export function networkIds({ Spec }: ServiceAnswer): readonly string[] {
  return Spec.TaskTemplate.Networks?.map(({ Target }) => Target) ?? [];
}

/** The service for the deployer, without IDs. `networkName` gives the name of a network's ID. */
export function toLiveService(
  answer: ServiceAnswer,
  networkName: (id: string) => string,
): LiveService {
  const { Spec, UpdateStatus } = answer;
  return {
    id: answer.ID,
    version: answer.Version.Index,
    spec: { ...Spec, TaskTemplate: withNames(Spec.TaskTemplate, networkName) },
    update: UpdateStatus
      ? {
          state: UpdateStatus.State,
          message: UpdateStatus.Message,
          startedAt: UpdateStatus.StartedAt ?? null,
          completedAt: UpdateStatus.CompletedAt ?? null,
        }
      : null,
    createdAt: answer.CreatedAt,
    updatedAt: answer.UpdatedAt,
  };
}

function withNames(template: TaskSpec, networkName: (id: string) => string): TaskSpec {
  const { Networks, ContainerSpec } = template;
  const networks = Networks?.map((each) => ({ ...each, Target: networkName(each.Target) }));
  return {
    ...template,
    ContainerSpec: withoutFileIds(ContainerSpec),
    ...(networks ? { Networks: networks } : {}),
  };
}

const credentialConfig = z.looseObject({ Config: z.string().min(1) });
const identified = z.looseObject({ ConfigID: z.string() });

/** The names are beside the IDs, save in a credential spec: its ID is found among the configs. */
function withoutFileIds(container: ContainerSpec): ContainerSpec {
  const { Configs, Privileges, Secrets } = container;
  const credential = credentialConfig.safeParse(Privileges.CredentialSpec).data;
  const known = Configs?.find(
    (each) => credential && identified.safeParse(each).data?.ConfigID === credential.Config,
  );
  const CredentialSpec = known
    ? { ...credential, Config: known.ConfigName ?? "" }
    : Privileges.CredentialSpec;
  return {
    ...container,
    Privileges: { ...Privileges, CredentialSpec },
    ...(Configs ? { Configs: Configs.map(withoutId) } : {}),
    ...(Secrets ? { Secrets: Secrets.map(withoutId) } : {}),
  };
}

function withoutId(reference: FileReference): FileReference {
  const {
    ConfigID: _config,
    SecretID: _secret,
    ...named
  } = { ConfigID: "", SecretID: "", ...reference };
  return named;
}
