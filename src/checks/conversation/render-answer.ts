import { type Deployment, isFinal } from "../../deployment.ts";
import type { Answer } from "../../store/conversation.ts";
import { codeLink } from "../code-link.ts";
import { formatDayTime } from "../format-time.ts";
import { codeSpan, fence, link, prose } from "../markdown.ts";
import { renderProblems } from "../render-failure.ts";
import { renderTitle } from "../render-title.ts";
import { holdAdvice, stateAdvice } from "../state-advice.ts";
import { reactionTo } from "./reactions.ts";
import { logUrl } from "./render-environments.ts";
import { renderHelp } from "./render-help.ts";
import { renderHistory } from "./render-history.ts";
import type { ConversationView } from "./view.ts";

const ICONS = { rocket: "🚀", "+1": "👍", "-1": "👎" } as const;
const PENDING = "⏳";
/** As many as a failure keeps of a task's output: its first lines often name the cause, its last ones do not. */
const EVIDENCE_LINES = 20;
const MAX_PROBLEMS = 5;

function iconOf(answer: Answer, { deployments }: ConversationView): string {
  const reaction = reactionTo(answer, deployments);
  return reaction === null ? PENDING : ICONS[reaction];
}

function renderHead(answer: Answer, view: ConversationView): string {
  const asked = codeSpan(answer.text, 200);
  const by = `${codeSpan(answer.comment.actor, 39)}, ${formatDayTime(answer.comment.createdAt)}`;
  return `${iconOf(answer, view)} ${asked} by ${by}`;
}

function titleLink(deployment: Deployment, view: ConversationView): string {
  const { supersededBy } = deployment;
  const successor = supersededBy === null ? null : (view.deployments.get(supersededBy) ?? null);
  const context = { baseUrl: view.baseUrl, active: null, successor };
  return link(prose(renderTitle(deployment, context)), logUrl(view.baseUrl, deployment));
}

/** What came of a command, in one line. */
function renderResult({ result }: Answer, view: ConversationView): string {
  switch (result.kind) {
    case "deployment": {
      const deployment = view.deployments.get(result.deploymentId);
      return deployment === undefined ? "It is on its way" : titleLink(deployment, view);
    }
    case "done":
      return prose(result.message);
    case "shown":
      return result.what === "status" ? "Shown above" : "Shown below";
    case "refused":
      return `Refused: ${prose(result.message)} (${codeLink(result.code)})`;
    case "unanswered":
      return "";
  }
}

/** What came of a deployment that did not succeed, or what to know of one that did. */
function renderRemarks(deployment: Deployment, view: ConversationView): readonly string[] {
  const { failure, state, environment } = deployment;
  if (state === "succeeded") {
    const isHolding = view.environments.some(
      ({ record }) => record.hold?.deploymentId === deployment.id,
    );
    return isHolding ? [prose(holdAdvice(environment))] : [];
  }
  const advice = prose(stateAdvice(deployment));
  if (failure === null || !isFinal(state)) return [advice];
  const { evidence, nextStep, code } = failure;
  const next =
    nextStep === "" ? codeLink(code) : `**Next:** ${prose(nextStep)} (${codeLink(code)})`;
  const problems = renderProblems(failure, MAX_PROBLEMS);
  return [
    advice,
    problems,
    next,
    evidence.length === 0 ? "" : fence(evidence, EVIDENCE_LINES, 200),
  ];
}

function renderDetails({ result, text }: Answer, view: ConversationView): readonly string[] {
  switch (result.kind) {
    case "deployment": {
      const deployment = view.deployments.get(result.deploymentId);
      return deployment === undefined ? [] : renderRemarks(deployment, view);
    }
    case "refused":
      return [
        result.nextStep === "" ? "" : `**Next:** ${prose(result.nextStep)}`,
        result.suggestion === null ? "" : fence([result.suggestion], 1, 200),
      ];
    case "shown":
      if (result.what === "history") return [renderHistory(view, result.environment)];
      return result.what === "help" ? [renderHelp(text)] : [];
    case "done":
    case "unanswered":
      return [];
  }
}

/** A command and its answer in full, as one block. What a newer command shows is not shown again. */
export function renderAnswer(answer: Answer, view: ConversationView, isRepeated: boolean): string {
  const head = `${renderHead(answer, view)}  \n`;
  if (isRepeated) return `${head}Shown above`;
  return [`${head}${renderResult(answer, view)}`, ...renderDetails(answer, view)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** A command and its answer as an item of a list. */
export function renderOldAnswer(answer: Answer, view: ConversationView): string {
  const { result } = answer;
  const outcome = result.kind === "shown" ? "shown then" : renderResult(answer, view);
  return `- ${renderHead(answer, view)}: ${outcome}`;
}
