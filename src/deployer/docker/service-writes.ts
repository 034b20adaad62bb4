import { z } from "zod";
import { SkepError } from "../../errors.ts";
import type { FileReference, ServiceSpec } from "../../swarm-objects.ts";
import type { Swarm } from "../ports.ts";
import type { DockerClient, EngineCall } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { fileIds } from "./file-objects.ts";
import { findService } from "./service-reads.ts";
import { writeError } from "./write-error.ts";

/** The login for an image's registry, base64url of JSON; null where there is none. */
export type RegistryAuth = (image: string) => string | null;

const createdAnswer = z.object({ ID: z.string() });
const credentialConfig = z.looseObject({ Config: z.string().min(1) });

/** Creates, updates and removes services. */
export function createServiceWrites(
  client: DockerClient,
  registryAuth: RegistryAuth,
): Pick<Swarm, "createService" | "updateService" | "removeService"> {
  async function write(call: Omit<EngineCall, "method" | "body">, spec: ServiceSpec) {
    const { action } = call;
    const auth = registryAuth(spec.TaskTemplate.ContainerSpec.Image);
    const answer = await client.request({
      ...call,
      method: "POST",
      body: await withFileIds(client, spec, action),
      ...(auth === null ? {} : { headers: { "X-Registry-Auth": auth } }),
    });
    if (answer.kind === "refused") throw writeError(action, answer);
    return answer.body;
  }

  return {
    createService: async (spec) => {
      const action = `creating service ${spec.Name}`;
      const body = await write({ action, path: "/services/create" }, spec);
      return readAnswer(createdAnswer, body, action).ID;
    },
    updateService: async ({ id, version }, spec) => {
      const action = `updating service ${spec.Name}`;
      checkPlacement(spec, action);
      const path = `/services/${encodeURIComponent(id)}/update`;
      await write({ action, path, query: { version } }, spec);
    },
    removeService: async (name) => {
      const action = `removing service ${name}`;
      const found = await findService(client, name);
      if (found === null) return;
      const path = `/services/${found.id}`;
      const answer = await client.request({ action, method: "DELETE", path });
      if (answer.kind === "refused" && answer.status !== 404) throw refusalError(action, answer);
    },
  };
}

function checkPlacement(spec: ServiceSpec, action: string): void {
  const template: Partial<ServiceSpec["TaskTemplate"]> = spec.TaskTemplate;
  if (template.Placement) return;
  throw new SkepError("internal", `${action}: the specification has no Placement`, {
    nextStep: "Report this: engines before 29.7 do not survive such an update.",
  });
}

/** The body as the engine wants it: configs and secrets by ID and by name. Networks it takes by name. */
async function withFileIds(
  client: DockerClient,
  spec: ServiceSpec,
  action: string,
): Promise<object> {
  const { ContainerSpec } = spec.TaskTemplate;
  const { Configs, Privileges, Secrets } = ContainerSpec;
  const credential = credentialConfig.safeParse(Privileges.CredentialSpec).data;
  const configNames = Configs?.flatMap(({ ConfigName }) => ConfigName ?? []) ?? [];
  const [configs, secrets] = await Promise.all([
    fileIds(
      client,
      "config",
      new Set(credential ? [...configNames, credential.Config] : configNames),
      action,
    ),
    fileIds(
      client,
      "secret",
      new Set(Secrets?.flatMap(({ SecretName }) => SecretName ?? []) ?? []),
      action,
    ),
  ]);
  const CredentialSpec = credential && {
    ...credential,
    Config: configs.get(credential.Config),
  };
  return {
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: {
        ...ContainerSpec,
        ...(CredentialSpec ? { Privileges: { ...Privileges, CredentialSpec } } : {}),
        ...(Configs ? { Configs: Configs.map((each) => withId(each, "ConfigID", configs)) } : {}),
        ...(Secrets ? { Secrets: Secrets.map((each) => withId(each, "SecretID", secrets)) } : {}),
      },
    },
  };
}

function withId(
  reference: FileReference,
  key: "ConfigID" | "SecretID",
  ids: ReadonlyMap<string, string>,
): object {
  const name = key === "ConfigID" ? reference.ConfigName : reference.SecretName;
  return { ...reference, [key]: ids.get(name ?? "") };
}
