import { foldersToMake } from "../../guard/made-folders.ts";
import { rulesFor } from "../../guard/rules-for.ts";
import type { StackPlan } from "../plan/stack-plan.ts";
import type { Run } from "../run.ts";

/**
 * Makes the folders of the node that services mount and that the operator wants made (`create: true`). Only Skep's own
 * node is reached: on others a task that misses its folder says so. What is there already stays as it is.
 */
export async function makeFolders(run: Run, { services }: StackPlan): Promise<void> {
  const { repository } = run.deployment();
  const { swarm, serverConfig } = run.deps;
  const changed = services.filter(({ kind }) => kind !== "keep").map(({ spec }) => spec);
  const rules = rulesFor(serverConfig, `${repository.owner}/${repository.name}`);
  const [first] = changed;
  for (const path of foldersToMake(changed, rules)) {
    await swarm.makeFolder(path, first?.TaskTemplate.ContainerSpec.Image ?? "");
    run.say(`folder ${path} is there`);
  }
}
