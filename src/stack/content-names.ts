import type { FileReference, ServiceSpec } from "../swarm-objects.ts";

/** Names of configs or of secrets, by the names that they replace. */
export type Renames = ReadonlyMap<string, string>;

/** The service with its configs and secrets called by other names, their order kept by the names in the file. */
export function withFileNames(
  spec: ServiceSpec,
  { configs, secrets }: { readonly configs: Renames; readonly secrets: Renames },
): ServiceSpec {
  const { TaskTemplate: task } = spec;
  const { ContainerSpec: container } = task;
  const { Configs, Secrets, Privileges } = container;
  return {
    ...spec,
    TaskTemplate: {
      ...task,
      ContainerSpec: {
        ...container,
        ...(Configs && { Configs: Configs.map((each) => renamed(each, "ConfigName", configs)) }),
        ...(Secrets && { Secrets: Secrets.map((each) => renamed(each, "SecretName", secrets)) }),
        Privileges: {
          ...Privileges,
          CredentialSpec: renamedCredentials(Privileges.CredentialSpec, configs),
        },
      },
    },
  };
}

function renamed(
  reference: FileReference,
  key: "ConfigName" | "SecretName",
  names: Renames,
): FileReference {
  const name = reference[key];
  return name === undefined ? reference : { ...reference, [key]: names.get(name) ?? name };
}

function renamedCredentials(spec: object | null, names: Renames): object | null {
  if (spec === null || !("Config" in spec) || typeof spec.Config !== "string") return spec;
  return { ...spec, Config: names.get(spec.Config) ?? spec.Config };
}
