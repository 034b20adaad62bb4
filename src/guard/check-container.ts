import type { GuardedService } from "./bodies.ts";
import { ask, type GuardedObject, type GuardView, show } from "./finding.ts";
import { isLikeAny } from "./patterns.ts";

/** What Docker gives every container anyway. */
const DEFAULT_CAPABILITIES = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

/** What a container may do to the node that it runs on. */
export function checkContainer(view: GuardView, object: GuardedObject<GuardedService>): void {
  checkCapabilities(view, object);
  checkKernel(view, object);
  const { key, body } = object;
  const { rules } = view;
  const { ContainerSpec: container, LogDriver: log } = body.TaskTemplate;
  if (container.Privileges?.CredentialSpec && !rules.credentialSpecs) {
    view.refuse(
      `${key}.credential_spec`,
      "has a credential spec, which the operator does not allow",
      ask("credential_specs", "it"),
    );
  }
  const driver = log?.Name ?? "";
  if (driver !== "" && !rules.logDrivers.includes(driver)) {
    view.refuse(
      `${key}.logging`,
      `writes its log with the driver ${show(driver)}, which the operator does not allow`,
      ask("log_drivers", show(driver)),
    );
  }
}

function checkCapabilities(view: GuardView, { key, body }: GuardedObject<GuardedService>): void {
  for (const capability of body.TaskTemplate.ContainerSpec.CapabilityAdd ?? []) {
    const name = capability.trim().toUpperCase().replace(/^CAP_/u, "");
    if (DEFAULT_CAPABILITIES.has(name) || view.rules.capAdd.includes(name)) continue;
    view.refuse(
      `${key}.cap_add`,
      `adds the capability ${show(name)}, which the operator does not allow`,
      ask("cap_add", show(name)),
    );
  }
}

function checkKernel(view: GuardView, { key, body }: GuardedObject<GuardedService>): void {
  const { rules } = view;
  const { Sysctls: sysctls, Ulimits: ulimits } = body.TaskTemplate.ContainerSpec;
  for (const name of Object.keys(sysctls ?? {})) {
    // With slashes, the kernel knows a second spelling of each.
    if (!name.includes("/") && isLikeAny(rules.sysctls, name)) continue;
    view.refuse(
      `${key}.sysctls.${name}`,
      `sets ${show(name)}, which the operator does not allow`,
      ask("sysctls", show(name)),
    );
  }
  for (const { Name: name } of ulimits ?? []) {
    if (rules.ulimits.includes(name)) continue;
    view.refuse(
      `${key}.ulimits.${name}`,
      `sets the limit ${show(name)}, which the operator does not allow`,
      ask("ulimits", show(name)),
    );
  }
  const generic = body.TaskTemplate.Resources?.Reservations?.GenericResources ?? [];
  for (const { DiscreteResourceSpec: resource } of generic) {
    if (rules.genericResources.includes(resource.Kind)) continue;
    view.refuse(
      `${key}.deploy.resources.reservations.generic_resources`,
      `reserves ${show(resource.Kind)}, which the operator does not allow`,
      ask("generic_resources", show(resource.Kind)),
    );
  }
}
