import type { DiagnoseRequest } from "../../../src/deployer/rollout/diagnose.ts";
import type { LiveTask } from "../../../src/deployer/ports.ts";

/** A cause as the engine words it, and what shall be made of it. */
export interface Cause {
  /** The engine's words. */
  readonly words: string;
  readonly task?: Partial<LiveTask>;
  readonly change?: Partial<DiagnoseRequest>;
  readonly code: string;
  readonly summary: string;
}

/** What every layer that starts a container says first. */
export const RUNC =
  "starting container failed: failed to create shim task: OCI runtime create failed: runc create failed: ";
/** The same, once the container is made. */
export const IN_START = `${RUNC}unable to start container process: `;
