import { html } from "hono/html";
import { readGrantedRole } from "../granted-role.ts";
import type { Operations } from "../operations.ts";
import { type Repository, roles } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { icon } from "./icons.ts";
import type { Html } from "./layout.ts";

/** Who has which role in a repository, with forms to change that and to fork. */
export function renderPeople(
  operations: Pick<Operations, "cloneUrl">,
  repository: Repository,
): Html {
  const path = repositoryPath(repository);
  const { owner, name: repo } = repository;
  const people = Object.keys(repository.collaborators);
  return html`<div class="card people">
    <ul class="rows">
      ${people.map((login) => {
        const clone = operations.cloneUrl({ owner, repo, user: login });
        return html`<li>
          ${icon("person")}
          <details class="row-text" id="person-${login}">
            <summary>
              ${login}
              <span class="pill">${readGrantedRole(repository, login)?.name ?? "none"}</span>
            </summary>
            <code class="clone">git clone ${clone}</code>
          </details>
        </li>`;
      })}
    </ul>
    <form class="buttons" method="post" action="${path}/people">
      <input id="person" name="login" required placeholder="login" aria-label="Login" size="12" />
      <select id="role" name="role" aria-label="Role">
        ${roles.map((role) => html`<option>${role}</option>`)}
        <option value="">no role</option>
      </select>
      <button>Set role</button>
      <button formaction="${path}/fork" title="Forks this repository for this account">Fork</button>
    </form>
  </div>`;
}
