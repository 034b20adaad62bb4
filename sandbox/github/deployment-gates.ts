import type { Hub } from "./hub.ts";
import type { Repository } from "./state.ts";

/**
 * The checks and commit statuses that forbid a deployment: with `required` undefined every one that
 * the commit has must be good, with a list those in it, with an empty list none.
 */
export function findBlockingContexts(
  hub: Hub,
  {
    repository,
    sha,
    required,
  }: {
    readonly repository: Repository;
    readonly sha: string;
    readonly required: readonly string[] | undefined;
  },
): string[] {
  // Later entries of the same name replace earlier ones.
  const isGood = new Map<string, boolean>();
  for (const one of hub.state.commitStatuses) {
    if (one.repositoryId === repository.id && one.sha === sha)
      isGood.set(one.context, one.state === "success");
  }
  for (const run of hub.state.checkRuns) {
    if (run.repositoryId !== repository.id || run.headSha !== sha) continue;
    isGood.set(run.name, ["success", "neutral", "skipped"].includes(run.conclusion ?? ""));
  }
  return [...(required ?? isGood.keys())].filter((context) => isGood.get(context) !== true);
}
