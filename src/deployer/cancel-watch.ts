import type { Clock } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import type { Store } from "../store/ports.ts";

/** Notices that somebody cancels a deployment while it runs. */
export interface CancelWatch {
  /** Aborted when somebody has cancelled, with `cancelled_by_user` as the reason. */
  readonly signal: AbortSignal;
  /** Reads the record once more. A record that cannot be read is read again soon: that alone ends no run. */
  look(): Promise<void>;
}

/** Watches a deployment until `ended`: at once when this process announces the wish, else every `everyMs`. */
export function watchForCancel(
  deps: { readonly store: Store; readonly clock: Clock; readonly everyMs: number },
  deployment: Deployment,
  ended: AbortSignal,
): CancelWatch {
  const { store, clock, everyMs } = deps;
  const { id, environment } = deployment;
  const cancelled = new AbortController();

  function note(by: string | null): void {
    if (by === null || cancelled.signal.aborted) return;
    const nextStep = `Press Retry, or comment \`/retry ${environment}\`, to run it after all.`;
    cancelled.abort(new SkepError("cancelled_by_user", `cancelled by ${by}`, { nextStep }));
  }

  async function look(): Promise<void> {
    if (cancelled.signal.aborted) return;
    const seen = await store.deployments.get(id).catch(() => null);
    note(seen?.cancelledBy ?? null);
  }

  async function lookNowAndThen(): Promise<void> {
    while (!cancelled.signal.aborted) {
      await clock.sleep(everyMs, ended);
      await look();
    }
  }

  note(deployment.cancelledBy);
  // The wish leaves the state as it is, and so does little else.
  const stopListening = store.onTransition(({ deploymentId, from, to }) => {
    if (deploymentId === id && from === to) void look();
  });
  ended.addEventListener("abort", stopListening, { once: true });
  // Ends by the signal only.
  lookNowAndThen().catch(() => undefined);
  return { signal: cancelled.signal, look };
}
