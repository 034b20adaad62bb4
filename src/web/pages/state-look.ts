import type { DeploymentState, PhaseRecord } from "../../deployment.ts";

/** What colour something has: quiet, on its way, good, careful, bad. */
export type Tone = "quiet" | "active" | "good" | "careful" | "bad";

/** How a state reads and looks on a page. */
export const STATE_LOOKS: Readonly<
  Record<DeploymentState, { readonly label: string; readonly tone: Tone }>
> = {
  waiting: { label: "Waiting", tone: "quiet" },
  queued: { label: "Queued", tone: "quiet" },
  running: { label: "Running", tone: "active" },
  rolling_back: { label: "Rolling back", tone: "careful" },
  succeeded: { label: "Succeeded", tone: "good" },
  failed: { label: "Failed", tone: "bad" },
  rolled_back: { label: "Rolled back", tone: "careful" },
  rollback_failed: { label: "Rollback failed", tone: "bad" },
  cancelled: { label: "Cancelled", tone: "quiet" },
  superseded: { label: "Superseded", tone: "quiet" },
  refused: { label: "Refused", tone: "bad" },
};

/** How the outcome of a phase reads and looks; null stands for a phase that has not begun. */
export function phaseLook(phase: PhaseRecord | null): {
  readonly label: string;
  readonly tone: Tone;
} {
  switch (phase?.outcome) {
    case "running":
      return { label: "running", tone: "active" };
    case "succeeded":
      return { label: "succeeded", tone: "good" };
    case "failed":
      return { label: "failed", tone: "bad" };
    case "skipped":
      return { label: "skipped", tone: "quiet" };
    case undefined:
      return { label: "not begun", tone: "quiet" };
  }
}

/** The names of the phases on pages. */
export const PHASE_NAMES = {
  pre_build: "Pre-build",
  build: "Build",
  pre_deploy: "Pre-deploy",
  deploy: "Deploy",
  post_deploy: "Post-deploy",
} as const satisfies Record<PhaseRecord["phase"], string>;
