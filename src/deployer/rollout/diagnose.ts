import type { Failure, Phase } from "../../deployment.ts";
import type { ErrorCode } from "../../errors.ts";
import { cleanText } from "../../logs/clean-text.ts";
import type { Symptoms } from "./diagnose-finding.ts";
import { RULES } from "./diagnose-rules.ts";
import type { LiveNode, LiveService, LiveTask } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** What is known about a roll-out that failed. Texts are hostile; `lines` are redacted already. */
export interface DiagnoseRequest {
  /** The task that shows it; null when there is none. */
  readonly failedTask: LiveTask | null;
  /** The task's last lines, oldest first. */
  readonly lines: readonly string[];
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

const MOST_LINES = 20;
const MOST_CHARACTERS = 500;

/** The cause of a failed roll-out as a person needs it: what it is, the lines that show it, and what to do next. */
export function diagnose(request: DiagnoseRequest): Failure {
  const { failedTask, lines, healthOutput, service, phase } = request;
  const symptoms: Symptoms = {
    task: failedTask,
    words: plain(failedTask?.error || failedTask?.message || ""),
    hasLines: lines.length > 0,
    service,
  };
  for (const rule of RULES) {
    const finding = rule(symptoms);
    if (finding === null) continue;
    const { code, summary, nextStep } = finding;
    const shown = finding.shows === "health" && healthOutput.length > 0 ? healthOutput : lines;
    return {
      code,
      phase,
      summary,
      evidence: evidenceOf(shown, symptoms.words),
      nextStep,
      annotations: [],
    };
  }
  const { code, text } = request.verdict;
  return {
    code,
    phase,
    summary: plain(text),
    evidence: evidenceOf(lines, symptoms.words),
    nextStep:
      "Look into the service's log on the deployment's page, mend what it names and push again.",
    annotations: [],
  };
}

/** The last lines, or the engine's words when there are none. */
function evidenceOf(lines: readonly string[], words: string): readonly string[] {
  const evidence = lines.slice(-MOST_LINES).map(printable);
  return evidence.length > 0 || words === "" ? evidence : [words];
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
