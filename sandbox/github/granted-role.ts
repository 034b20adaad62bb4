import { type Repository, type Role, roles } from "./state.ts";

/** What a user may do in a repository. */
export interface GrantedRole {
  /** The role's name, also of a custom one. */
  readonly name: string;
  /** What it amounts to. */
  readonly base: Role;
}

/** The role that a user holds in a repository; undefined for strangers. */
export function readGrantedRole(repository: Repository, login: string): GrantedRole | undefined {
  const name = repository.collaborators[login];
  if (name === undefined) return undefined;
  const base = roles.find((one) => one === name) ?? repository.customRoles[name];
  return base && { name, base };
}

/** Whether a user holds at least a role. */
export function holdsRole(repository: Repository, login: string, least: Role): boolean {
  const role = readGrantedRole(repository, login);
  return role !== undefined && roles.indexOf(role.base) >= roles.indexOf(least);
}
