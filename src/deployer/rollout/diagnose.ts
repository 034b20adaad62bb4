import type { Failure, Phase } from "../../deployment.ts";
import type { ErrorCode } from "../../errors.ts";
import { cleanText } from "../../logs/clean-text.ts";
import type { Symptoms } from "./diagnose-finding.ts";
import { RULES } from "./diagnose-rules.ts";
import { engineWords } from "./engine-words.ts";
import { hasEnded } from "./history.ts";
import { NOT_CHANGED } from "./unchanged.ts";
import type { LiveNode, LiveService, LiveTask } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** What is known about a roll-out that failed. Texts are hostile; `lines` are redacted already. */
export interface DiagnoseRequest {
  /** The task that shows it; null when there is none. */
  readonly failedTask: LiveTask | null;
  /** The task's last lines, oldest first. */
  readonly lines: readonly string[];
  /** The lines could not be read: that there are none says nothing. */
  readonly isUnread?: boolean;
  /** What its health check printed last. */
  readonly healthOutput: readonly string[];
  /** The spec that was to run. */
  readonly service: ServiceSpec;
  /** The name that the summary begins with; none for a stack of one service. */
  readonly label?: string;
  /** The deployment sent nothing for the service: the summary says that it was broken before. */
  readonly isUnchanged?: boolean;
  /** All services of the Swarm, to name the one that holds a port. */
  readonly services?: readonly LiveService[];
  /** All nodes of the Swarm, to name the one where it happened. */
  readonly nodes?: readonly LiveNode[];
  readonly phase: Phase | null;
  /** The judge's words, for what no rule knows. */
  readonly verdict: { readonly code: ErrorCode; readonly text: string };
}

/** What to do about a verdict that no task explains. */
const NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  no_suitable_node:
    "Change deploy.placement.constraints, or give a node the label or role that they ask for (docker node update).",
  rollout_timeout:
    "Look into the service's log on the deployment's page; nothing that Skep knows explains the delay. If it only starts slowly, raise healthcheck.start_period.",
  swarm_conflict: "Find out who changes the service besides Skep, then press Retry.",
};
const UNKNOWN =
  "Skep does not know this cause: look into the service's log on the deployment's page, mend what it names and push again.";

const MOST_LINES = 20;
const MOST_CHARACTERS = 500;

/** The cause of a failed roll-out as a person needs it: what it is, the lines that show it, and what to do next. */
export function diagnose(request: DiagnoseRequest): Failure {
  const { failedTask, lines, healthOutput, service, phase, services = [], nodes = [] } = request;
  const { isUnread = false } = request;
  const words = plain(engineWords(failedTask?.error || failedTask?.message || ""));
  const symptoms: Symptoms = { task: failedTask, words, lines, isUnread, service, services, nodes };
  for (const rule of RULES) {
    const finding = rule(symptoms);
    if (finding === null) continue;
    const { code, summary, nextStep } = finding;
    const shown = finding.shows === "health" && healthOutput.length > 0 ? healthOutput : lines;
    return {
      code,
      phase,
      summary: told(request, `${summary}${placeOf(symptoms)}`),
      evidence: evidenceOf(shown, words),
      nextStep,
      annotations: [],
    };
  }
  const { code, text } = request.verdict;
  return {
    code,
    phase,
    summary: told(request, text),
    evidence: evidenceOf(lines, words),
    nextStep: NEXT_STEPS[code] ?? UNKNOWN,
    annotations: [],
  };
}

/** The summary with the service's name, and with whether the deployment changed it. */
function told({ label, isUnchanged = false }: DiagnoseRequest, summary: string): string {
  const end = isUnchanged && !summary.endsWith(NOT_CHANGED) ? `; ${NOT_CHANGED}` : "";
  const start = label === undefined ? "" : `${plain(label)}: `;
  return `${start}${plain(summary)}${end}`;
}

/** The node where it happened, of several; those that have no part in it are left out. */
function placeOf({ task, nodes }: Symptoms): string {
  if (task === null || nodes.length < 2 || !(hasEnded(task) || task.state === "starting"))
    return "";
  const node = nodes.find(({ id }) => id === task.nodeId);
  return node && node.state === "ready" ? ` (on node ${node.hostname})` : "";
}

/** The last lines, or the engine's words when there are none, unless these are an exit code, which the summary has. */
function evidenceOf(lines: readonly string[], words: string): readonly string[] {
  const evidence = lines.slice(-MOST_LINES).map(printable);
  if (evidence.length > 0) return evidence;
  return words === "" || /^task: non-zero exit \(\d+\)$/u.test(words) ? [] : [words];
}

/** One line of printable text. */
function plain(text: string): string {
  return printable(text.trimStart()).trim();
}

/** One line of printable text that keeps its indent: a stack trace is read by it. */
function printable(text: string): string {
  const line = text.split("\n").map(cleanText).join(" ").trimEnd();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}
