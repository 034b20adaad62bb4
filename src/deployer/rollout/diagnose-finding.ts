import type { ErrorCode } from "../../errors.ts";
import type { LiveNode, LiveService, LiveTask } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** What a rule looks at. */
export interface Symptoms {
  readonly task: LiveTask | null;
  /** The engine's words about the task, one line; may be empty. */
  readonly words: string;
  /** What the task wrote last, oldest first; may be empty. */
  readonly lines: readonly string[];
  /** The lines could not be read: that there are none says nothing. */
  readonly isUnread: boolean;
  readonly service: ServiceSpec;
  /** All services of the Swarm, as far as they are known. */
  readonly services: readonly LiveService[];
  /** All nodes of the Swarm, as far as they are known. */
  readonly nodes: readonly LiveNode[];
}

/** What a rule found. */
export interface Finding {
  readonly code: ErrorCode;
  /** One sentence that names the cause. */
  readonly summary: string;
  readonly nextStep: string;
  /** Which output shows it: the task's own lines, or what its health check printed. */
  readonly shows: "lines" | "health";
}

/** A rule: null when it does not apply. */
export type Rule = (symptoms: Symptoms) => Finding | null;

/** A rule about the engine's words: applies where they match. */
export interface WordRule {
  readonly code: ErrorCode;
  readonly words: RegExp;
  readonly summary: (match: RegExpExecArray, symptoms: Symptoms) => string;
  readonly nextStep: (match: RegExpExecArray, symptoms: Symptoms) => string;
}

/** The rule as a function of everything that is known. */
export function toRule(rule: WordRule): Rule {
  return (symptoms) => {
    const match = rule.words.exec(symptoms.words);
    if (match === null) return null;
    const { code, summary, nextStep } = rule;
    return {
      code,
      summary: summary(match, symptoms),
      nextStep: nextStep(match, symptoms),
      shows: "lines",
    };
  };
}
