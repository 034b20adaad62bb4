import type { ErrorCode } from "../../errors.ts";
import type { LiveTask } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** What a rule looks at. */
export interface Symptoms {
  readonly task: LiveTask | null;
  /** The engine's words about the task, one line; may be empty. */
  readonly words: string;
  /** Whether the task wrote anything. */
  readonly hasLines: boolean;
  readonly service: ServiceSpec;
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
