import { isRepositoryLike } from "./patterns.ts";
import { DEFAULT_RULES, type GuardRules, type ServerConfig, type StackBinding } from "./rules.ts";

/**
 * What the stacks of a repository (`owner/name`) may do: of each key, what the last entry that is about the repository
 * and has the key says, else the default.
 */
export function rulesFor(config: ServerConfig, repository: string): GuardRules {
  const entries = config.allow.filter((entry) => isRepositoryLike(entry.repositories, repository));
  return entries.reduce<GuardRules>(
    (rules, entry) => ({
      ...rules,
      ...entry.rules,
      limits: { ...rules.limits, ...entry.limits },
    }),
    DEFAULT_RULES,
  );
}

/** Whether a repository (`owner/name`) may deploy at all. */
export function mayDeploy(config: ServerConfig, repository: string): boolean {
  return config.repositories === null || isRepositoryLike(config.repositories, repository);
}

/**
 * Whom the operator gives a stack to: to whoever asks (`bound`), to somebody else (who is then the only one to deploy
 * it), or to nobody by name.
 */
export function bindingOf(
  config: ServerConfig,
  stackName: string,
  asker: StackBinding,
): "bound" | "bound_to_another" | "unbound" {
  const binding = config.stacks.get(stackName);
  if (binding === undefined) return "unbound";
  const isSame =
    binding.repository.toLowerCase() === asker.repository.toLowerCase() &&
    binding.app === asker.app &&
    binding.environment === asker.environment;
  return isSame ? "bound" : "bound_to_another";
}
