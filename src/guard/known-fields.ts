import type { z } from "zod";
import { type GuardView, show } from "./finding.ts";

/** Where parts of a service's body come from in a Compose file; what comes first wins. */
const SERVICE_KEYS: readonly (readonly [path: RegExp, key: string])[] = [
  [/^TaskTemplate\.ContainerSpec\.Mounts\.(\d+)/u, "volumes[$1]"],
  [/^TaskTemplate\.ContainerSpec\.(Configs|Secrets|Sysctls|Ulimits|Healthcheck|Hostname)/u, ""],
  [/^TaskTemplate\.ContainerSpec\.(Init|User|Image|Command|Isolation)/u, ""],
  [/^TaskTemplate\.ContainerSpec\.CapabilityAdd/u, "cap_add"],
  [/^TaskTemplate\.ContainerSpec\.CapabilityDrop/u, "cap_drop"],
  [/^TaskTemplate\.ContainerSpec\.Privileges\.CredentialSpec/u, "credential_spec"],
  [/^TaskTemplate\.LogDriver/u, "logging"],
  [/^TaskTemplate\.(Networks)/u, ""],
  [/^TaskTemplate\.(Resources|Placement)/u, "deploy."],
  [/^TaskTemplate\.RestartPolicy/u, "deploy.restart_policy"],
  [/^UpdateConfig/u, "deploy.update_config"],
  [/^RollbackConfig/u, "deploy.rollback_config"],
  [/^Mode/u, "deploy.mode"],
  [/^Labels/u, "deploy.labels"],
  [/^EndpointSpec\.Ports/u, "ports"],
];

/**
 * The body with all its fields known, or null when something in it is not; each such thing is refused by its name in
 * Docker's API.
 */
export function knownBody<Body>(
  view: GuardView,
  schema: z.ZodType<Body>,
  { key, body }: { readonly key: string; readonly body: unknown },
): Body | null {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const place = composeKey(key, issue.path.join("."));
    const names = issue.code === "unrecognized_keys" ? issue.keys : [];
    for (const name of names) {
      const field = [...issue.path, name].join(".");
      view.refuse(
        place,
        `sets ${show(field)} of Docker's API, which Skep's guard does not know`,
        "Do without it",
      );
    }
    if (names.length === 0) {
      const field = show(issue.path.join("."));
      view.refuse(
        place,
        `sets ${field} of Docker's API to something that Skep's guard does not let through`,
        "Do without it",
      );
    }
  }
  return null;
}

function composeKey(key: string, path: string): string {
  if (!key.startsWith("services.")) return key;
  for (const [pattern, name] of SERVICE_KEYS) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const [, part = ""] = match;
    const isNamed = name === "" || name.endsWith(".");
    return `${key}.${isNamed ? `${name}${part.toLowerCase()}` : name.replace("$1", part)}`;
  }
  return key;
}
