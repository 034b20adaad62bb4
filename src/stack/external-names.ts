import type { ReleaseStack } from "../release.ts";
import { fullNameIn, joinedNetworks } from "./convert/conversion.ts";
import { compareBytes, own } from "./convert/go-json.ts";
import type { StackFileObject, StackModel, StackService } from "./model.ts";

/** Networks that every node has. */
const PREDEFINED = new Set(["default", "bridge", "host", "none"]);

/** The full names of what services of the stack use and it does not make itself; each list sorted. */
export function externalNames(model: StackModel): ReleaseStack["external"] {
  const services = Object.values(model.services);
  const networks = Object.keys(model.services).flatMap((key) => joinedNetworks(model, key));
  const configs = services.flatMap(configsOf);
  const secrets = services.flatMap((service) => service.secrets?.map(({ source }) => source) ?? []);
  return {
    networks: namesOf(model.networks, networks).filter((name) => !PREDEFINED.has(name)),
    configs: namesOf(model.configs, configs),
    secrets: namesOf(model.secrets, secrets),
  };
}

function configsOf({ configs = [], credentialSpec }: StackService): readonly string[] {
  const { config = "" } = credentialSpec ?? {};
  return [...configs.map(({ source }) => source), ...(config === "" ? [] : [config])];
}

type Object = Pick<StackFileObject, "name" | "isExternal">;

function namesOf(
  objects: Readonly<Record<string, Object>>,
  used: readonly string[],
): readonly string[] {
  const names = used.flatMap((key) => {
    const object = own(objects, key);
    return object?.isExternal === true ? [fullNameIn("", key, object)] : [];
  });
  return [...new Set(names)].toSorted(compareBytes);
}
