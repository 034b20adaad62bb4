import type { StackService } from "../model.ts";
import { type Conversion, fullName } from "./conversion.ts";
import { type Body, own } from "./go-json.ts";

/** Where a service's credentials come from; null for none. A config is named in full, as the API's id would be. */
export function convertCredentialSpec(
  conversion: Conversion,
  key: string,
  service: StackService,
): Body | null {
  const { config = "", file = "", registry = "" } = service.credentialSpec ?? {};
  const said = Object.entries({ Config: config, File: file, Registry: registry })
    .filter(([, value]) => value !== "")
    .map(([name]) => JSON.stringify(name));
  if (said.length === 0) {
    return null;
  }
  if (said.length > 1) {
    const comma = said.length > 2 ? "," : "";
    refuse(
      conversion,
      key,
      `cannot specify both ${said.slice(0, -1).join(", ")}${comma} and ${said.at(-1)}`,
    );
  }
  const name = config === "" ? "" : referencedName(conversion, key, { ...service, config });
  return { Config: name, File: file, Registry: registry };
}

/**
 * The CLI looks among the full names of the service's configs for the key as it is, then for the key with the stack's
 * prefix, and so never finds a config with a name of its own. Skep does.
 */
function referencedName(
  conversion: Conversion,
  key: string,
  { config, configs = [] }: StackService & { readonly config: string },
): string {
  const nameOf = (source: string): string =>
    fullName(conversion, source, own(conversion.model.configs, source));
  const names = [config, ...configs.map(({ source }) => source)].map(nameOf);
  const found = [config, `${conversion.stack}_${config}`].find((name) => names.includes(name));
  if (found !== undefined) {
    return found;
  }
  if (conversion.asCli) {
    refuse(conversion, key, `spec specifies config ${config}, but no such config can be found`);
  } else {
    conversion.note({
      code: "credential_spec_name",
      key: `services.${key}.credential_spec.config`,
      message: `docker stack deploy refuses this stack: it does not find config "${config}" by the name ${nameOf(config)}`,
    });
  }
  return nameOf(config);
}

function refuse(conversion: Conversion, key: string, message: string): void {
  conversion.refuse({
    code: "credential_spec_invalid",
    key: `services.${key}.credential_spec`,
    message: `service ${key}: invalid credential spec: ${message}`,
  });
}
