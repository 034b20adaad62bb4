import type { Clock } from "../clock.ts";
import { isFinal, type Deployment } from "../deployment.ts";
import type { LogLine } from "../logs/ports.ts";
import type { WebLogs, WebStore } from "./web-ports.ts";

/** What a live page hears, in order. After `end` nothing follows. */
export type DeploymentEvent =
  | { readonly kind: "changed"; readonly deployment: Deployment }
  | { readonly kind: "lines"; readonly lines: readonly LogLine[] }
  | { readonly kind: "beat" }
  | { readonly kind: "end" };

/** What the events are made from. */
export interface DeploymentEventsDeps {
  readonly store: WebStore;
  readonly logs: WebLogs;
  readonly clock: Clock;
}

const LINES_PER_EVENT = 500;
/** Short enough that no proxy takes the connection for dead. */
const BEAT_MS = 15_000;

/**
 * Follows a deployment from the line after `afterSeq` until it is final and all its lines are told. Works only when
 * the next event is asked for, so a slow reader slows nobody else down and piles up nothing.
 */
export async function* deploymentEvents(
  deps: DeploymentEventsDeps,
  request: { readonly id: string; readonly afterSeq: number; readonly signal: AbortSignal },
): AsyncGenerator<DeploymentEvent> {
  const bell = createBell();
  const stops = [
    deps.logs.onAppend(request.id, bell.ring),
    deps.store.onTransition((transition) => {
      if (transition.deploymentId === request.id) bell.ring();
    }),
  ];
  let afterSeq = request.afterSeq;
  let seenVersion = -1;
  try {
    while (!request.signal.aborted) {
      const rung = bell.next();
      // The record is read before the lines: when it is final, all lines were appended before.
      const deployment = await deps.store.deployments.get(request.id);
      if (deployment === null) return;
      if (deployment.recordVersion !== seenVersion) {
        seenVersion = deployment.recordVersion;
        yield { kind: "changed", deployment };
      }
      const lines = await deps.logs.read(request.id, { afterSeq, limit: LINES_PER_EVENT });
      if (lines.length > 0) {
        afterSeq = lines.at(-1)?.seq ?? afterSeq;
        yield { kind: "lines", lines };
      } else if (isFinal(deployment.state)) {
        yield { kind: "end" };
        return;
      } else if (!(await isRungWithin(BEAT_MS, { rung, deps, signal: request.signal }))) {
        yield { kind: "beat" };
      }
    }
  } finally {
    for (const stop of stops) stop();
  }
}

interface Bell {
  readonly ring: () => void;
  /** Resolves at the first ring after this call. */
  next(): Promise<void>;
}

function createBell(): Bell {
  let current = Promise.withResolvers<void>();
  return {
    ring: () => current.resolve(),
    next() {
      current = Promise.withResolvers<void>();
      return current.promise;
    },
  };
}

async function isRungWithin(
  ms: number,
  wait: {
    readonly rung: Promise<void>;
    readonly deps: DeploymentEventsDeps;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const enough = new AbortController();
  const slept = wait.deps.clock.sleep(ms, AbortSignal.any([enough.signal, wait.signal])).then(
    () => false,
    () => true,
  );
  const isRung = await Promise.race([wait.rung.then(() => true), slept]);
  enough.abort();
  return isRung;
}
