import type { Hono } from "hono";
import { html } from "hono/html";
import type { Env } from "../caller.ts";
import type { Hub } from "../hub.ts";
import type { LocalDeployment } from "../operations.ts";
import type { Repository } from "../state.ts";
import { renderAccountSelect } from "./account-select.ts";
import { repositoryPath } from "./check-view.ts";
import { renderEnvironments } from "./deployment-view.ts";
import type { Html } from "./layout.ts";
import { answer, onSubmit, type PageParts, readActor, withRepository } from "./page-route.ts";
import { renderInRepository } from "./repository-frame.ts";

/** Deployments by environment, and a form to ask for one as a person does through the API. */
export function addDeploymentPages(root: Hono<Env>, parts: PageParts): void {
  const { hub, operations } = parts;
  root.get(
    "/:owner/:repo/deployments",
    withRepository(parts, (c, repository) => {
      const name = { owner: repository.owner, repo: repository.name };
      const actor = readActor(hub, c, repository);
      const deployments = operations.deployments(name);
      return answer(c, renderDeploymentsPage(hub, repository, { deployments, actor }));
    }),
  );
  root.post(
    "/:owner/:repo/deployments",
    onSubmit(parts, async ({ repository, name, user, text }) => {
      await operations.requestDeployment({
        ...name,
        user,
        ref: text("ref").trim() || repository.defaultBranch,
        environment: text("environment").trim(),
      });
      return `${repositoryPath(repository)}/deployments`;
    }),
  );
}

function renderDeploymentsPage(
  hub: Hub,
  repository: Repository,
  {
    deployments,
    actor,
  }: { readonly deployments: readonly LocalDeployment[]; readonly actor: string },
): Html {
  const path = repositoryPath(repository);
  return renderInRepository(hub, repository, {
    tab: "deployments",
    title: "Deployments",
    crumbs: [{ text: "deployments", href: `${path}/deployments` }],
    main: html`<div class="columns">
      <div>
        <h2 class="section">Environments</h2>
        ${renderEnvironments(repository, deployments, { shown: 50 })}
      </div>
      <aside>
        <h2 class="section">Ask for a deployment</h2>
        <form class="card form" method="post" action="${path}/deployments">
          <label for="ref">Branch, tag or commit</label>
          <input id="ref" name="ref" placeholder="${repository.defaultBranch}" />
          <label for="environment">Environment</label>
          <input id="environment" name="environment" required value="production" />
          <div class="bar">
            <button class="primary">Ask</button>
            ${renderAccountSelect(hub, repository, { id: "actor", actor })}
          </div>
          <p class="muted">
            As through GitHub's API, by whoever may write. An app carries out those for its own
            environments, and leaves the others alone.
          </p>
        </form>
      </aside>
    </div>`,
  });
}
