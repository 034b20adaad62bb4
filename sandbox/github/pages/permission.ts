import { holdsRole, readGrantedRole } from "../granted-role.ts";
import { findOtherApp, type Hub } from "../hub.ts";
import type { Repository, Role } from "../state.ts";

/** Throws unless an account holds at least a role; `doing` begins the reason. */
export function requireRole(
  repository: Repository,
  user: string,
  { least, doing }: { readonly least: Role; readonly doing: string },
): void {
  if (holdsRole(repository, user, least)) return;
  const held = readGrantedRole(repository, user)?.name ?? "none";
  throw new Error(
    `${doing}: ${user} has the role "${held}" in ${repository.owner}/${repository.name}, and it needs "${least}"; choose another account`,
  );
}

/** Throws unless an account may look at a repository; `doing` begins the reason. */
export function requireReader(
  hub: Hub,
  repository: Repository,
  { user, doing }: { readonly user: string; readonly doing: string },
): void {
  const isApp = findOtherApp(hub, user)?.account === repository.owner;
  if (!repository.isPrivate || isApp) return;
  requireRole(repository, user, { least: "read", doing });
}
