import type { Deployment, DeploymentState, Failure, Phase } from "../deployment.ts";

/**
 * The steps of a run, in the order of a deployment that goes well. Each effect on the outside looks first whether it
 * has happened already, so any step may be run again after a crash.
 *
 * - `source`: the commit is still the one that was asked for, and in the mirror; its stack is read, the build keys are
 *   known. Exits: `build`; refused when the pull request's head is another now; or failed.
 * - `recall`: in place of `source` and `build` when a deployment comes with its release, as rollbacks do: the release's
 *   images are there and still those that were built. Exits: `plan`, or failed.
 * - `build`: the images are on the engine under their keys, and the release is written. Exits: `plan`, or failed.
 * - `plan`: desired compared with live; says what will be done and why. Exits: `apply`, or failed. Nothing changed yet.
 * - `apply`: networks, configs, secrets and services are created, or updated at exactly the version that was planned
 *   on, each after those that it depends on run; nothing is sent when nothing differs. Exits: `roll_out`; failed when
 *   nothing was changed; or `restore`, when something was, or the engine went away and may have taken it.
 * - `roll_out`: until all wanted tasks run the requested spec. Exits: `prove`; `restore` with the failure otherwise.
 * - `prove`: the tasks stay healthy for their window and Swarm's own update is over. Exits: `prune`, or `restore`.
 * - `prune`: the services that the release does not have are removed. Exits: `mark`, or `restore`.
 * - `mark`: the stack's release mark is written, last. Exits: succeeded; or `restore`, because what is not marked
 *   would be neither the old release nor the new one. Then what no kept release needs any more is removed.
 * - `restore`: the previous specs are sent, unless Swarm does so already; services that never ran are removed, removed
 *   ones created again. State `rolling_back`. Exits: `watch_restore`; failed when nothing ran before or nothing was
 *   changed; or rollback_failed.
 * - `watch_restore`: until the previous specs run again on all tasks. Exits: rolled_back, or rollback_failed.
 *
 * Somebody's wish to cancel cuts every step short but the last four. It ends the run as cancelled while the Swarm is
 * untouched, and leads to `restore` once `apply` was begun. A release that is proved is marked all the same, and going
 * back is never cut short.
 */
export const STEPS = [
  "source",
  "recall",
  "build",
  "plan",
  "apply",
  "roll_out",
  "prove",
  "prune",
  "mark",
  "restore",
  "watch_restore",
] as const;

/** One of the steps of a run. */
export type Step = (typeof STEPS)[number];

/** The phase that each step belongs to. */
export const PHASE_OF: Readonly<Record<Step, Phase>> = {
  source: "pre_build",
  recall: "pre_build",
  build: "build",
  plan: "pre_deploy",
  apply: "deploy",
  roll_out: "deploy",
  prove: "post_deploy",
  prune: "post_deploy",
  mark: "post_deploy",
  restore: "post_deploy",
  watch_restore: "post_deploy",
};

const FINISHED_ALL_THE_SAME: readonly Step[] = ["prune", "mark", "restore", "watch_restore"];

/** Whether somebody's wish to cancel cuts the step short. */
export function isCancellable(step: Step): boolean {
  return !FINISHED_ALL_THE_SAME.includes(step);
}

/** What a step ended with. */
export type StepResult =
  | { readonly kind: "done"; readonly note: string | null; readonly skipped?: boolean }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      /** Only of `apply`: something was sent, or the engine may have taken it all the same. */
      readonly isInDoubt?: boolean;
    }
  /** Only of `source`: what the deployment was accepted on is no longer so. */
  | { readonly kind: "refused"; readonly failure: Failure }
  /** Somebody cancelled; `isTouched` once `apply` was begun. */
  | { readonly kind: "cancelled"; readonly failure: Failure; readonly isTouched: boolean }
  /** Only of `restore`: nothing ran here before, or nothing was changed, so there is nothing to go back to. */
  | { readonly kind: "no_previous" };

/** What the run does next. */
export type Next =
  | { readonly kind: "step"; readonly step: Step; readonly state: "running" | "rolling_back" }
  | {
      readonly kind: "end";
      readonly state: EndState;
    };

/** The states that a run may end in. */
export type EndState = Extract<
  DeploymentState,
  "succeeded" | "failed" | "rolled_back" | "rollback_failed" | "cancelled" | "refused"
>;

const AFTER: Readonly<Record<Step, Next>> = {
  source: { kind: "step", step: "build", state: "running" },
  recall: { kind: "step", step: "plan", state: "running" },
  build: { kind: "step", step: "plan", state: "running" },
  plan: { kind: "step", step: "apply", state: "running" },
  apply: { kind: "step", step: "roll_out", state: "running" },
  roll_out: { kind: "step", step: "prove", state: "running" },
  prove: { kind: "step", step: "prune", state: "running" },
  prune: { kind: "step", step: "mark", state: "running" },
  mark: { kind: "end", state: "succeeded" },
  restore: { kind: "step", step: "watch_restore", state: "rolling_back" },
  watch_restore: { kind: "end", state: "rolled_back" },
};

const GO_BACK: Next = { kind: "step", step: "restore", state: "rolling_back" };

const AFTER_FAILURE: Readonly<Record<Step, Next>> = {
  source: { kind: "end", state: "failed" },
  recall: { kind: "end", state: "failed" },
  build: { kind: "end", state: "failed" },
  plan: { kind: "end", state: "failed" },
  apply: { kind: "end", state: "failed" },
  roll_out: GO_BACK,
  prove: GO_BACK,
  prune: GO_BACK,
  mark: GO_BACK,
  restore: { kind: "end", state: "rollback_failed" },
  watch_restore: { kind: "end", state: "rollback_failed" },
};

/** The state machine of a run: what follows a step that ended so. */
export function next(step: Step, result: StepResult): Next {
  switch (result.kind) {
    case "done":
      return AFTER[step];
    case "failed":
      return result.isInDoubt === true ? GO_BACK : AFTER_FAILURE[step];
    case "refused":
      return { kind: "end", state: "refused" };
    case "cancelled":
      return result.isTouched ? GO_BACK : { kind: "end", state: "cancelled" };
    case "no_previous":
      return { kind: "end", state: "failed" };
  }
}

/**
 * Where a run begins: at the start, or, after a crash, at the first step whose effect is not known to be over. What
 * the earlier steps found out is in the release; one that the deployment came with says nothing of steps, so that its
 * phase tells whether it was recalled.
 */
export function firstStep(before: {
  readonly kind: Deployment["kind"];
  readonly state: DeploymentState;
  readonly phase: Phase | null;
  readonly hasRelease: boolean;
  readonly journal: ReadonlyMap<string, "about_to" | "done">;
}): Step {
  // Also when it was sent already: only `restore` knows whether there is something to watch.
  if (before.state === "rolling_back") return "restore";
  if (before.journal.has("mark")) return "mark";
  if (before.journal.has("prune")) return "prune";
  if (before.journal.get("apply") === "done") return "roll_out";
  if (before.journal.has("apply")) return "apply";
  if (before.kind === "rollback") {
    return before.phase === null || before.phase === "pre_build" ? "recall" : "plan";
  }
  return before.hasRelease ? "plan" : "source";
}
