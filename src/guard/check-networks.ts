import type { GuardedNetwork, GuardedService } from "./bodies.ts";
import { checkNamespace, isOwnName } from "./check-names.ts";
import { ask, type GuardedObject, type GuardView, show } from "./finding.ts";
import { isLikeAny } from "./patterns.ts";

/** Networks of the nodes themselves, and what Swarm keeps for itself: no pattern stands for them. */
const RESERVED = new Set(["bridge", "default", "docker_gwbridge", "host", "ingress", "none"]);
/** Docker takes an ID wherever it takes a name. */
const IDENTIFIER = /^(?:[a-z0-9]{25}|[a-f0-9]{64})$/u;
/** The one option of an attachment that changes nothing but a name in the container. */
const ATTACHMENT_OPTIONS = ["com.docker.network.endpoint.ifname"];

/** A network that the stack makes. */
export function checkNetwork(view: GuardView, object: GuardedObject<GuardedNetwork>): void {
  const { key, body } = object;
  const { rules } = view;
  if (!isOwnName(view, body.Name) && !isJoinable(view, body.Name)) {
    view.refuse(
      key,
      `makes the network ${show(body.Name)}, which is no name of this stack's`,
      ask("networks", show(body.Name), "leave `name` out"),
    );
  }
  const driver = body.Driver ?? "";
  if (!rules.networkDrivers.includes(driver)) {
    view.refuse(
      key,
      `uses the driver ${show(driver)}, which the operator does not allow`,
      ask("network_drivers", show(driver)),
    );
  }
  for (const option of Object.keys(body.Options ?? {})) {
    if (rules.networkOptions.includes(option)) continue;
    view.refuse(
      `${key}.driver_opts.${option}`,
      `sets the option ${show(option)}, which the operator does not allow`,
      ask("network_options", show(option)),
    );
  }
  checkNamespace(view, object);
}

/** Which networks a service joins, beside those of its stack, which are looked at where they are made. */
export function checkAttachments(
  view: GuardView,
  { key, body }: GuardedObject<GuardedService>,
  own: ReadonlySet<string>,
): void {
  const place = `${key}.networks`;
  for (const { Target: name, DriverOpts: options } of body.TaskTemplate.Networks ?? []) {
    if (!own.has(name) && !isJoinable(view, name)) {
      const rule = name === "host" ? ask("host_network", "it") : ask("networks", show(name));
      view.refuse(
        place,
        `joins the network ${show(name)}, which the operator does not allow`,
        rule,
      );
    }
    for (const option of Object.keys(options ?? {})) {
      if (ATTACHMENT_OPTIONS.includes(option)) continue;
      view.refuse(
        place,
        `sets the option ${show(option)} where it joins ${show(name)}, which nobody can allow`,
      );
    }
  }
}

function isJoinable({ rules }: GuardView, name: string): boolean {
  if (name === "host") return rules.hostNetwork;
  if (name.startsWith("container:")) return false;
  if (RESERVED.has(name) || IDENTIFIER.test(name)) return rules.networks.includes(name);
  return isLikeAny(rules.networks, name);
}
