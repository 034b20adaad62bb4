import type { ErrorCode } from "../../errors.ts";

/** Why a plan cannot work as the Swarm is now, or what somebody should look at first. */
export interface PreflightFinding {
  readonly level: "failure" | "warning";
  readonly code: ErrorCode;
  /** Path of keys in the Compose file, such as `services.web.ports`; empty for the whole stack. */
  readonly key: string;
  /** One sentence that names the cause; hostile text. */
  readonly summary: string;
  /** One sentence that says what to do. */
  readonly nextStep: string;
}
