import type { EnvironmentRecord } from "../store/ports.ts";

/**
 * The app that a repository's records are about, where no configuration tells: an app that was renamed leaves its old
 * records behind, so it is the one that was deployed last. Null where nothing is known. Pure.
 */
export function knownApp(records: readonly EnvironmentRecord[]): string | null {
  // Later ids sort after earlier ones.
  const [newest] = records.toSorted((left, right) =>
    (right.activeDeploymentId ?? "").localeCompare(left.activeDeploymentId ?? ""),
  );
  return newest?.app ?? null;
}
