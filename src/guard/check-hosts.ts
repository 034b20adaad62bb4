import { STACK_LABELS } from "../swarm-objects.ts";
import type { GuardedService } from "./bodies.ts";
import { ask, type GuardedObject, type GuardView, show } from "./finding.ts";
import { isLikeAny } from "./patterns.ts";
import { routedByLabel } from "./routing-hosts.ts";

/** Which host names a service's labels may claim of the reverse proxy. */
export function checkHosts(
  view: GuardView,
  { key, body }: GuardedObject<GuardedService>,
  claimed: ReadonlyMap<string, string>,
): void {
  const places = [
    { place: `${key}.deploy.labels`, labels: body.Labels },
    { place: `${key}.labels`, labels: body.TaskTemplate.ContainerSpec.Labels },
  ];
  for (const { place, labels } of places) {
    for (const [name, value] of Object.entries(labels ?? {})) {
      const routed = routedByLabel(name, value);
      if (routed === null) continue;
      const at = `${place}.${name}`;
      if (routed.isAny) refuseAny(view, at, claimed);
      for (const host of new Set(routed.hosts)) checkHost(view, { at, host }, claimed);
    }
  }
}

function refuseAny(view: GuardView, at: string, claimed: ReadonlyMap<string, string>): void {
  const { hosts } = view.rules;
  if (hosts === null ? claimed.size === 0 : hosts.includes("*")) return;
  view.refuse(
    at,
    hosts === null
      ? "may take requests to any host, those of other stacks too"
      : "may take requests to any host; the operator allows some",
    ask("hosts", show("*"), "name the hosts, as in Host(`shop.example.com`)"),
  );
}

function checkHost(
  view: GuardView,
  { at, host }: { readonly at: string; readonly host: string },
  claimed: ReadonlyMap<string, string>,
): void {
  const { hosts } = view.rules;
  if (hosts !== null) {
    if (isLikeAny(hosts, host, ".")) return;
    view.refuse(
      at,
      `takes requests to ${show(host)}, which the operator does not allow`,
      ask("hosts", show(host)),
    );
    return;
  }
  const other = [...claimed].find(([taken]) => overlaps(host, taken));
  if (other === undefined) return;
  view.refuse(
    at,
    `takes requests to ${show(host)}, which the stack ${show(other[1])} has already`,
    ask("hosts", show(host), "use another host"),
  );
}

/** Either may be of the form `*.example.com`. */
function overlaps(one: string, other: string): boolean {
  return isLikeAny([one], other, ".") || isLikeAny([other], one, ".");
}

/** A service as far as its labels tell which hosts it has. */
export interface RoutedService {
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: {
    readonly ContainerSpec: { readonly Labels: Readonly<Record<string, string>> };
  };
}

/** The host names that services of other stacks claim, with the stack of each (empty for none). */
export function claimedHosts(
  services: readonly RoutedService[],
  stackName: string,
): ReadonlyMap<string, string> {
  const claimed = new Map<string, string>();
  for (const { Labels: labels, TaskTemplate: task } of services) {
    const stack = labels[STACK_LABELS.namespace] ?? "";
    if (stack === stackName) continue;
    for (const [name, value] of Object.entries({ ...task.ContainerSpec.Labels, ...labels })) {
      for (const host of routedByLabel(name, value)?.hosts ?? []) claimed.set(host, stack);
    }
  }
  return claimed;
}
