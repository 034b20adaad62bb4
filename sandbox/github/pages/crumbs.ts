import type { Repository } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import type { Crumb } from "./layout.ts";

/** The steps to a repository, and further. */
export function crumbsTo(repository: Repository, ...more: readonly Crumb[]): Crumb[] {
  const path = repositoryPath(repository);
  return [{ text: repository.owner, href: "/" }, { text: repository.name, href: path }, ...more];
}
