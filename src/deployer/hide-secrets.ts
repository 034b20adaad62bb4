import { toSkepError } from "../errors.ts";
import type { Run } from "./run.ts";

/**
 * Keeps the stack's secrets out of the deployment's log and of what is told of a failure, whatever its services print.
 * Once for a run that has its release; that they cannot be read is said, and holds up nothing: going back least of all.
 */
export async function hideSecrets(run: Run): Promise<void> {
  if (!run.hasRelease() || run.hidden() !== null) return;
  const { source } = run.deps;
  const { repository } = run.deployment();
  const { stack, sha } = run.release();
  const paths = stack.secrets.flatMap(({ path }) => path ?? []);
  const values: string[] = [];
  try {
    if (paths.length > 0) await source.fetch(repository, { sha, defaultBranch: null });
    for (const path of paths) {
      const bytes = await source.readBytes(repository, sha, path);
      if (bytes !== null) values.push(Buffer.from(bytes).toString("utf8"));
    }
  } catch (thrown) {
    run.stopped.throwIfAborted();
    run.say(
      `reading secrets, to keep them out of this log: ${toSkepError(thrown).message}`,
      "error",
    );
  }
  run.hide(values);
}
