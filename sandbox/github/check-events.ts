import { openSuite } from "./check-suites.ts";
import { formatCheckRunEvent } from "./format/check.ts";
import type { CheckRun, Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** Something that happened to a check run. */
export interface CheckRunEvent {
  readonly run: CheckRun;
  readonly action: "created" | "completed" | "rerequested" | "requested_action";
  readonly sender: string;
  /** The button's identifier, with `requested_action`. */
  readonly identifier?: string;
}

/** Sends a `check_run` webhook. */
export function emitCheckRun(
  hub: LiveHub,
  repository: Repository,
  { run, action, sender, identifier }: CheckRunEvent,
): void {
  const suite = openSuite(hub, repository, run.headSha);
  const payload = {
    action,
    check_run: formatCheckRunEvent(hub, repository, run, suite),
    ...(identifier !== undefined && { requested_action: { identifier } }),
  };
  hub.emit({ event: "check_run", repository, sender, payload });
}
