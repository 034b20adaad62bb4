import type { BuildDefinition, Dependency, DraftService } from "../release.ts";
import type { ServiceSpec } from "../swarm-objects.ts";
import { asServiceSpec } from "./api-bodies.ts";
import type { ConvertRemark } from "./convert/conversion.ts";
import { own, sortedEntries, type Body } from "./convert/go-json.ts";
import type { StackModel, StackService } from "./model.ts";
import { withUpdateDefaults } from "./update-defaults.ts";

/** A stack's services, sorted by key, and what Skep sets for them. `bodyOf` gives what the CLI would send of one. */
export function draftServices(
  model: StackModel,
  use: {
    readonly builds: Readonly<Record<string, BuildDefinition>>;
    readonly bodyOf: (key: string) => Body | undefined;
  },
): { readonly services: readonly DraftService[]; readonly notes: readonly ConvertRemark[] } {
  const notes: ConvertRemark[] = [];
  const services = sortedEntries(model.services).map(([key, service]): DraftService => {
    const note = (remark: ConvertRemark): void => void notes.push(remark);
    const spec = specOf(key, service, { body: use.bodyOf(key), note });
    const dependsOn = dependenciesOf(service, model);
    return { key, spec, build: own(use.builds, key) ?? null, dependsOn };
  });
  return { services, notes };
}

/** The service with Skep's update settings; jobs keep what they have, for the engine takes no more. */
function specOf(
  key: string,
  { deploy = {} }: StackService,
  use: { readonly body: Body | undefined; readonly note: (remark: ConvertRemark) => void },
): ServiceSpec {
  const { UpdateConfig: _, RollbackConfig: __, ...body } = use.body ?? {};
  const spec = asServiceSpec(body);
  const said = { update: deploy.updateConfig, rollback: deploy.rollbackConfig };
  if (deploy.mode?.endsWith("-job")) {
    if (deploy.rollbackConfig !== undefined) {
      use.note({
        code: "ignored_key",
        key: `services.${key}.deploy.rollback_config`,
        message: "a job is never updated, and so never rolled back: leave it out.",
      });
    }
    return spec;
  }
  const { spec: full, set } = withUpdateDefaults(spec, said);
  if (set.length > 0) {
    use.note({
      code: "update_defaults",
      key: `services.${key}.deploy.update_config`,
      message: `Skep sets ${set.join(", ")}, which the file leaves open: say it to have it otherwise.`,
    });
  }
  return full;
}

/** What is not there, and not required, is not waited for. */
function dependenciesOf(
  { dependsOn = {} }: StackService,
  { services }: StackModel,
): readonly Dependency[] {
  return sortedEntries(dependsOn).flatMap(([key, { condition }]) =>
    Object.hasOwn(services, key) ? [{ key, condition }] : [],
  );
}
