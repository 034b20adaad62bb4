import { html } from "hono/html";
import { encodePath } from "../format/commit.ts";
import type { Repository } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { crumbsTo } from "./crumbs.ts";
import { type Html, renderPage } from "./layout.ts";

const shownLines = 5000;

/** A text file at a commit, each line with an anchor such as `#L3`. */
export function renderBlobPage(
  repository: Repository,
  file: { readonly ref: string; readonly path: string; readonly text: string },
): Html {
  const { ref, path } = file;
  const lines = file.text.replace(/\n$/, "").split("\n").slice(0, shownLines);
  const address = `${repositoryPath(repository)}/blob/${encodePath(ref)}/${encodePath(path)}`;
  return renderPage({
    title: `${path} · ${repository.owner}/${repository.name}`,
    crumbs: crumbsTo(repository, { text: path, href: address }),
    main: html`<ol class="card blob">
      ${lines.map((line, i) => html`<li id="L${i + 1}"><code>${line}</code></li>`)}
    </ol>`,
  });
}
