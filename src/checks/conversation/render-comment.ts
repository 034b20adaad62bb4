import type { Answer } from "../../store/conversation.ts";
import { formatMinute } from "../format-time.ts";
import { joinBlocks } from "../markdown.ts";
import { fingerprint } from "../sent.ts";
import { reactionTo } from "./reactions.ts";
import { renderAnswer, renderOldAnswer } from "./render-answer.ts";
import { renderEnvironments } from "./render-environments.ts";
import { onTheirWay, type ConversationView } from "./view.ts";

/** The first line of the one comment that is edited in place: by it the comment is found again. */
export const MARKER = "<!-- skep: status -->";

/** What the one comment of a pull request shall say. */
export interface StatusComment {
  /** Markdown, marker included, without the moment that it is true of. */
  readonly content: string;
  /** Changes when there is something that does not wait for the next regular edit. */
  readonly urgent: string;
}

const IN_FULL = 5;
const IN_ALL = 20;
/** GitHub takes 65,536; some is left for the last line. */
const MAX_BYTES = 65_000;

/** Renders the comment; null while there is nothing to say. */
export function renderComment(view: ConversationView): StatusComment | null {
  const { answers } = view.conversation;
  const newest = answers
    .filter(({ result }) => result.kind !== "unanswered")
    .toReversed()
    .slice(0, IN_ALL);
  if (newest.length === 0) return null;
  const table = renderEnvironments(view);
  const blocks = [
    `${MARKER}\n\n${table === "" ? "Nothing has been deployed from this repository yet." : table}`,
    ...newest.slice(0, IN_FULL).map((answer, i) => {
      const isRepeated = newest.slice(0, i).some((newer) => showsTheSame(newer, answer));
      return renderAnswer(answer, view, isRepeated);
    }),
    renderOlder(newest.slice(IN_FULL), view),
  ];
  const ending = "What else there is does not fit into a comment.";
  return {
    content: joinBlocks(blocks, MAX_BYTES, ending),
    urgent: fingerprint([
      newest.map((answer) => [answer.intentId, reactionTo(answer, view.deployments)]),
      onTheirWay(view).map(({ id }) => id),
    ]),
  };
}

function showsTheSame(
  { result: one, text: oneText }: Answer,
  { result: other, text: otherText }: Answer,
): boolean {
  if (one.kind !== "shown" || other.kind !== "shown") return false;
  if (one.what === "help" && oneText !== otherText) return false;
  return one.what === other.what && one.environment === other.environment;
}

function renderOlder(answers: readonly Answer[], view: ConversationView): string {
  if (answers.length === 0) return "";
  const summary = `${answers.length} earlier ${answers.length === 1 ? "command" : "commands"}`;
  const list = answers.map((answer) => renderOldAnswer(answer, view)).join("\n");
  return `<details><summary>${summary}</summary>\n\n${list}\n\n</details>`;
}

/** The comment as it is sent, with the moment that it is true of. */
export function stampComment({ content }: StatusComment, now: number): string {
  return `${content}\n\n<sub>As of ${formatMinute(now)}. \`/help\` shows the commands.</sub>`;
}
