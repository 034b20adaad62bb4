import { html } from "hono/html";
import type { Annotation, Failure } from "../../deployment.ts";
import type { GitHubLinks } from "./github-links.ts";
import type { Html } from "./page.ts";
import { PHASE_NAMES } from "./state-look.ts";

/** Why a deployment failed: cause, evidence, and what to do next. */
export function renderFailureCard(failure: Failure, links: GitHubLinks): Html {
  const where = failure.phase === null ? "" : html` in ${PHASE_NAMES[failure.phase]}`;
  const evidence =
    failure.evidence.length === 0
      ? ""
      : // prettier-ignore
        html`<pre class="evidence" tabindex="0" aria-label="Last lines of output">${failure.evidence.join("\n")}</pre>`;
  const annotations =
    failure.annotations.length === 0
      ? ""
      : html`<ul class="annotations">
          ${failure.annotations.map((annotation) => renderAnnotation(annotation, links))}
        </ul>`;
  return html`<section class="card failure" aria-labelledby="failure-title">
    <p class="kicker">What went wrong${where} <code>${failure.code}</code></p>
    <h2 id="failure-title">${failure.summary}</h2>
    ${evidence} ${annotations}
    <p class="next"><strong>Next:</strong> ${failure.nextStep}</p>
  </section>`;
}

function renderAnnotation(annotation: Annotation, links: GitHubLinks): Html {
  return html`<li>
    <a class="mono" href="${links.line(annotation.path, annotation.line)}"
      >${annotation.path}:${annotation.line}</a
    >
    <span><strong>${annotation.title}</strong> ${annotation.message}</span>
  </li>`;
}
