import type { LiveService, LiveTask } from "../ports.ts";

/** The Swarm at one moment. `now` is our clock, in milliseconds since the epoch. */
export interface RolloutObservation {
  readonly now: number;
  readonly service: LiveService | null;
  readonly tasks: readonly LiveTask[];
  /** Node ID → its state, such as `ready` and `down`; without it, every node counts as ready. */
  readonly nodes?: ReadonlyMap<string, string>;
}

/** What earlier observations of one roll-out taught. Plain data; times are our clock's. */
export interface RolloutHistory {
  /** When the spec was sent (or found to be there already). */
  readonly startedAt: number;
  /** Task ID → since when it has been waiting for a node, or starting on one. */
  readonly waiting: Readonly<Record<string, { readonly kind: Waiting; readonly since: number }>>;
  /** Slot → IDs of its tasks that failed since the start. */
  readonly failures: Readonly<Record<string, readonly string[]>>;
  /** The task that failed last. */
  readonly lastFailure: LiveTask | null;
  /** The tasks that run or have completed, when these are all that are wanted, and since when exactly these. */
  readonly running: { readonly tasks: string; readonly since: number } | null;
}

/** What a task that does not run yet waits for. */
export type Waiting = "pending" | "starting";

/** The engine's clock may differ from ours by this much. */
export const CLOCK_SKEW_MS = 5_000;

/** Tasks of jobs shall complete. */
const SHALL_RUN = ["running", "complete"];

const WAITS_FOR: Readonly<Record<string, Waiting>> = {
  new: "pending",
  allocated: "pending",
  pending: "pending",
  assigned: "starting",
  accepted: "starting",
  preparing: "starting",
  ready: "starting",
  starting: "starting",
};

/** The history of a roll-out that begins now. */
export function startHistory(startedAt: number): RolloutHistory {
  return { startedAt, waiting: {}, failures: {}, lastFailure: null, running: null };
}

/** What a task waits for; null when it runs, is over, or shall not run (yet). */
export function waitingOf(task: LiveTask): Waiting | null {
  if (!task.isCurrent || !SHALL_RUN.includes(task.desiredState)) return null;
  return WAITS_FOR[task.state] ?? null;
}

/** Whether a task ended by itself: most are not supposed to. */
export function hasEnded(task: LiveTask): boolean {
  return task.state === "failed" || task.state === "rejected" || task.state === "complete";
}

/** The slot of a task: its number, or its node for services that have none. */
export function slotOf(task: LiveTask): string {
  return task.slot === null ? (task.nodeId ?? task.id) : String(task.slot);
}

/** The task whose state is the youngest. */
export function newest(tasks: readonly LiveTask[]): LiveTask | null {
  return tasks.reduce<LiveTask | null>(
    (last, task) => (last === null || task.stateSince >= last.stateSince ? task : last),
    null,
  );
}

/** Whether a task was made by this roll-out, as far as the two clocks tell. */
export function isSince(history: RolloutHistory, task: LiveTask): boolean {
  return task.createdAt >= history.startedAt - CLOCK_SKEW_MS;
}
