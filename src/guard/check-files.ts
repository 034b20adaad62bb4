import type { GuardedFile, GuardedService } from "./bodies.ts";
import { checkNamespace, isOwnName } from "./check-names.ts";
import { ask, type GuardedObject, type GuardView, show } from "./finding.ts";
import { isLikeAny } from "./patterns.ts";

type Kind = "configs" | "secrets";

/** A config or secret that the stack makes: under a name of its own, by a driver that is allowed. */
export function checkFileObject(
  view: GuardView,
  kind: Kind,
  object: GuardedObject<GuardedFile>,
): void {
  const { key, body } = object;
  if (!isOwnName(view, body.Name) && !isLikeAny(view.rules[kind], body.Name)) {
    view.refuse(
      key,
      `is called ${show(body.Name)}, which is no name of this stack's`,
      ask(kind, show(body.Name), "leave `name` out"),
    );
  }
  const driver = body.Driver?.Name;
  if (driver !== undefined && !view.rules.secretDrivers.includes(driver)) {
    view.refuse(
      key,
      `comes from the driver ${show(driver)}, which the operator does not allow`,
      ask("secret_drivers", show(driver)),
    );
  }
  checkNamespace(view, object);
}

/** Which configs and secrets of others a service may read. */
export function checkFileReferences(
  view: GuardView,
  { key, body }: GuardedObject<GuardedService>,
  own: Readonly<Record<Kind, ReadonlySet<string>>>,
): void {
  const { Configs: configs, Secrets: secrets } = body.TaskTemplate.ContainerSpec;
  const used = {
    configs: (configs ?? []).map(({ ConfigName }) => ConfigName),
    secrets: (secrets ?? []).map(({ SecretName }) => SecretName),
  };
  for (const kind of ["configs", "secrets"] as const) {
    for (const name of used[kind]) {
      if (own[kind].has(name) || isLikeAny(view.rules[kind], name)) continue;
      view.refuse(
        `${key}.${kind}`,
        `reads the ${kind.slice(0, -1)} ${show(name)} of others, which the operator does not allow`,
        ask(kind, show(name)),
      );
    }
  }
}
