import type { ErrorCode } from "../../errors.ts";
import type { CommandIntent } from "../../intent.ts";
import { refusal as refusalOf, verdict, type Verdict } from "../verdict.ts";

/** Why a command is not carried out, and what can be done about it. Texts hold hostile parts. */
export interface Refusal {
  readonly code: ErrorCode;
  /** One sentence, without a full stop. */
  readonly message: string;
  readonly nextStep: string;
  /** A command that may be meant instead, to be copied; null when there is none. */
  readonly suggestion: string | null;
}

/** A refusal that suggests no other command, unless one is given. */
export function refusal(
  code: ErrorCode,
  message: string,
  nextStep: string,
  suggestion: string | null = null,
): Refusal {
  return { code, message, nextStep, suggestion };
}

/** The verdict that a command is refused, with its answer. */
export function refuseCommand(intent: CommandIntent, refused: Refusal): Verdict {
  return verdict(refusalOf(intent, refused.code, refused.message), {
    answer: { kind: "refused", ...refused },
  });
}

/** The refusal of what is for an environment, or an app, that the policy of now does not have. */
export function notInPolicy(app: string, environment: string): Refusal {
  const message = `today's configuration has no environment ${environment} of ${app}`;
  return refusal("environment_unknown", message, "Name it in .github/skep.yml.");
}
