import { portKey, publishedPorts } from "./risks.ts";
import type { PlannedService } from "./stack-plan.ts";

/**
 * The services in groups, each of which needs only earlier ones; within a group by name. A service needs those that it
 * depends on, and one that gives up a published port which it wants. Of a circle, the first by name goes first.
 */
export function waves(services: readonly PlannedService[]): readonly (readonly PlannedService[])[] {
  const keys = new Set(services.map(({ key }) => key));
  const wanted = new Map(services.map((service) => [service.key, dependencies(service, keys)]));
  const handed = handOvers(services);
  const groups: (readonly PlannedService[])[] = [];
  let rest = services.toSorted((one, other) => (one.spec.Name < other.spec.Name ? -1 : 1));
  while (rest.length > 0) {
    const open = new Set(rest.map(({ key }) => key));
    const isFree = (needs: ReadonlyMap<string, ReadonlySet<string>>, key: string): boolean =>
      open.isDisjointFrom(needs.get(key) ?? new Set());
    const startable = rest.filter(({ key }) => isFree(wanted, key));
    const ready = startable.filter(({ key }) => isFree(handed, key));
    const group = ready.length > 0 ? ready : (startable.length > 0 ? startable : rest).slice(0, 1);
    groups.push(group);
    rest = rest.filter((service) => !group.includes(service));
  }
  return groups;
}

function dependencies(
  { key, dependsOn }: PlannedService,
  keys: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(
    dependsOn.map((each) => each.key).filter((each) => each !== key && keys.has(each)),
  );
}

/** For each service, those that hold a port now which they give up and it wants. */
function handOvers(services: readonly PlannedService[]): ReadonlyMap<string, ReadonlySet<string>> {
  const givenUp = new Map<string, string>();
  for (const { key, spec, live, kind } of services) {
    if (live === null || kind === "keep") continue;
    const kept = new Set(publishedPorts(spec).map(portKey));
    for (const port of publishedPorts(live.spec).map(portKey)) {
      if (!kept.has(port)) givenUp.set(port, key);
    }
  }
  const needs = services.map(({ key, spec }): [string, ReadonlySet<string>] => {
    const holders = publishedPorts(spec).map((port) => givenUp.get(portKey(port)) ?? key);
    return [key, new Set(holders.filter((holder) => holder !== key))];
  });
  return new Map(needs);
}
