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
  /** The tasks that run, when these are all that are wanted, and since when it has been exactly these. */
  readonly running: { readonly tasks: string; readonly since: number } | null;
}

/** What a task that does not run yet waits for. */
export type Waiting = "pending" | "starting";

/** The engine's clock may differ from ours by this much. */
const CLOCK_SKEW_MS = 5_000;

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

/** The history with one more observation. `wanted` is how many tasks of the current spec shall run. */
export function remember(
  history: RolloutHistory,
  observation: RolloutObservation,
  wanted: number,
): RolloutHistory {
  const failed = observation.tasks.filter((task) => isFailureOf(history, task));
  return {
    startedAt: history.startedAt,
    waiting: rememberWaiting(history, observation),
    failures: rememberFailures(history.failures, failed),
    lastFailure: newest(history.lastFailure ? [history.lastFailure, ...failed] : failed),
    running: rememberRunning(history, observation, wanted),
  };
}

/** The tasks of the current spec that run and shall run, one for each slot. */
export function runningTasks(tasks: readonly LiveTask[]): readonly LiveTask[] {
  const bySlot = new Map<string, LiveTask>();
  for (const task of tasks) {
    if (task.isCurrent && task.state === "running" && task.desiredState === "running") {
      bySlot.set(slotOf(task), task);
    }
  }
  return [...bySlot.values()];
}

/** What a task waits for; null when it runs, is over, or shall not run (yet). */
export function waitingOf(task: LiveTask): Waiting | null {
  if (!task.isCurrent || task.desiredState !== "running") return null;
  return WAITS_FOR[task.state] ?? null;
}

/** Whether a task ended by itself: tasks of services are not supposed to. */
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

function isFailureOf(history: RolloutHistory, task: LiveTask): boolean {
  return task.isCurrent && hasEnded(task) && isSince(history, task);
}

function rememberWaiting(
  history: RolloutHistory,
  { now, tasks }: RolloutObservation,
): RolloutHistory["waiting"] {
  const waiting: Record<string, { kind: Waiting; since: number }> = {};
  for (const task of tasks) {
    const kind = waitingOf(task);
    if (kind === null) continue;
    const before = history.waiting[task.id];
    waiting[task.id] = before?.kind === kind ? before : { kind, since: now };
  }
  return waiting;
}

function rememberFailures(
  known: RolloutHistory["failures"],
  failed: readonly LiveTask[],
): RolloutHistory["failures"] {
  const failures = { ...known };
  for (const task of failed) {
    const slot = slotOf(task);
    failures[slot] = [...new Set([...(failures[slot] ?? []), task.id])];
  }
  return failures;
}

function rememberRunning(
  history: RolloutHistory,
  { now, tasks }: RolloutObservation,
  wanted: number,
): RolloutHistory["running"] {
  const running = runningTasks(tasks);
  const isEnough = wanted === 0 ? running.length === 0 : running.length >= wanted;
  if (!isEnough) return null;
  const ids = running
    .map(({ id }) => id)
    .toSorted()
    .join(" ");
  return history.running?.tasks === ids ? history.running : { tasks: ids, since: now };
}
