import { html } from "hono/html";
import { readGrantedRole } from "../granted-role.ts";
import { findOtherApp, type Hub } from "../hub.ts";
import type { Repository, User } from "../state.ts";
import type { Html } from "./layout.ts";

/** The words for what an account may do in a repository; undefined when it may not even look. */
export function describeRole(hub: Hub, repository: Repository, login: string): string | undefined {
  const role = readGrantedRole(repository, login);
  if (role) return role.name;
  if (findOtherApp(hub, login)?.account === repository.owner) return "app";
  return repository.isPrivate ? undefined : "no role";
}

/** Chooses the account that sends a form: everybody who may look, each with the role. */
export function renderAccountSelect(
  hub: Hub,
  repository: Repository,
  { id, actor }: { readonly id: string; readonly actor: string },
): Html {
  const rank = ({ login }: User) => (readGrantedRole(repository, login) ? 0 : 1);
  const people = hub.state.users
    .filter((one) => one.type !== "Organization" || one.login === repository.owner)
    .toSorted((a, b) => rank(a) - rank(b));
  return html`<label class="muted as">
    as
    <select name="user" id="${id}">
      ${people.map(({ login }) => {
        const role = describeRole(hub, repository, login);
        if (role === undefined) return "";
        return html`<option value="${login}" ${login === actor ? html`selected` : ""}>
          ${login} (${role})
        </option>`;
      })}
    </select>
  </label>`;
}
