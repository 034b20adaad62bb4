import type { RepositoryConfig } from "./config.ts";

/**
 * Folders and files of the repository whose changes deploy: the app's folder, and stack files that lie elsewhere. Those
 * of one environment, or of all together.
 */
export function watchedPaths(
  { app, environments }: Pick<RepositoryConfig, "app" | "environments">,
  environment?: string,
): readonly string[] {
  const own = app.content.kind === "stack" ? app.content.paths : [];
  const files = environments
    .filter(({ name }) => environment === undefined || name === environment)
    .flatMap(({ stack }) => stack ?? own);
  const outside = files.filter((file) => app.path !== "." && !file.startsWith(`${app.path}/`));
  return [...new Set([app.path, ...outside])];
}
