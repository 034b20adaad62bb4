import type { StackService } from "../model.ts";
import { effectiveCapabilities } from "./capabilities.ts";
import { type Conversion, stackLabels } from "./conversion.ts";
import { convertCredentialSpec } from "./credential-spec.ts";
import { convertConfigReferences, convertSecretReferences } from "./file-references.ts";
import { type Body, compareBytes, filled, nonEmpty, present, sortedEntries } from "./go-json.ts";
import { convertHealthcheck } from "./healthcheck.ts";
import { convertMounts } from "./mounts.ts";

/** What a service's containers are made of. */
export function convertContainer(
  conversion: Conversion,
  { key, service, image }: { key: string; service: StackService; image: string },
): Body {
  const capabilities = effectiveCapabilities(service.capAdd, service.capDrop);
  return {
    Image: image,
    ...nonEmpty({
      Labels: stackLabels(conversion, service.labels),
      Command: service.entrypoint,
      Args: service.command,
      Hostname: service.hostname,
      Env: environment(service),
      Dir: service.workingDir,
      User: service.user,
      StopSignal: service.stopSignal,
      TTY: service.tty,
      OpenStdin: service.stdinOpen,
      ReadOnly: service.readOnly,
      Secrets: convertSecretReferences(conversion, key, service),
      Configs: convertConfigReferences(conversion, key, service),
      Mounts: convertMounts(conversion, key, service),
      Healthcheck: convertHealthcheck(conversion, key, service),
      Hosts: hosts(service),
      DNSConfig: dns(service),
      Isolation: service.isolation,
      Sysctls: filled(service.sysctls),
      CapabilityAdd: capabilities.add,
      CapabilityDrop: capabilities.drop,
      Ulimits: ulimits(service),
    }),
    ...present({ Init: service.init, StopGracePeriod: service.stopGracePeriodNs }),
    Privileges: {
      CredentialSpec: convertCredentialSpec(conversion, key, service),
      SELinuxContext: null,
      NoNewPrivileges: false,
    },
  };
}

function environment({ environment: variables = {} }: StackService): readonly string[] {
  return Object.entries(variables)
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .sort(compareBytes);
}

/** `host:ip` as the Swarm has it, `ip host`; the first colon parts them, what has none is left out. */
function hosts({ extraHosts = [] }: StackService): readonly string[] {
  return extraHosts.flatMap((entry) => {
    const colon = entry.indexOf(":");
    return colon === -1 ? [] : [`${entry.slice(colon + 1)} ${entry.slice(0, colon)}`];
  });
}

/** An empty list in the file is sent as an empty structure, which is not the same as none. */
function dns({ dns: nameservers, dnsSearch }: StackService): Body | undefined {
  return nameservers === undefined && dnsSearch === undefined
    ? undefined
    : nonEmpty({ Nameservers: nameservers, Search: dnsSearch });
}

function ulimits({ ulimits: limits = {} }: StackService): readonly Body[] {
  return sortedEntries(limits).map(([name, { hard, soft }]) => ({
    Name: name,
    Hard: hard,
    Soft: soft,
  }));
}
