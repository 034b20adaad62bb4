import type { Cleanup } from "../sandbox/cleanup.ts";
import { median } from "./statistics.ts";

/** What a bench gets. */
export interface BenchOptions {
  /** Samples of each measure. */
  readonly runs: number;
  readonly cleanup: Cleanup;
  readonly tell: (text: string) => void;
}

/** One line of the result: what was measured, against what, and whether the goal is met. */
export interface Measure {
  readonly bench: string;
  readonly name: string;
  readonly unit: "ms" | "requests/s" | "requests" | "reads";
  readonly ours: readonly number[];
  /** The same work with nothing around it, from the same run; empty when the goal is an absolute one. */
  readonly floor: readonly number[];
  /** In words; null for what is only told. */
  readonly goal: string | null;
  readonly isMet: boolean;
}

/** A measure whose median may be at most `factor` times the floor's plus `allowance`. */
export function atMost(
  measure: Omit<Measure, "goal" | "isMet">,
  limit: { readonly factor: number; readonly allowance: number },
): Measure {
  const most = median(measure.floor) * limit.factor + limit.allowance;
  const more = limit.allowance === 0 ? "" : ` + ${limit.allowance} ${measure.unit}`;
  const goal = `≤ ${limit.factor} × floor${more}`;
  return { ...measure, goal, isMet: median(measure.ours) <= most };
}

/** A measure whose median must be at least `factor` times the floor's. */
export function atLeast(measure: Omit<Measure, "goal" | "isMet">, factor: number): Measure {
  const isMet = median(measure.ours) >= median(measure.floor) * factor;
  return { ...measure, goal: `≥ ${factor} × floor`, isMet };
}

type Alone = Omit<Measure, "goal" | "isMet" | "floor">;

/** A measure without a floor whose median may be at most `most`. */
export function atMostAlone(measure: Alone, most: number): Measure {
  const isMet = median(measure.ours) <= most;
  return { ...measure, floor: [], goal: `≤ ${most} ${measure.unit}`, isMet };
}

/** A measure without a floor, none of whose samples may exceed `most`. */
export function neverAbove(measure: Alone, most: number): Measure {
  const isMet = Math.max(...measure.ours) <= most;
  return { ...measure, floor: [], goal: `never > ${most}`, isMet };
}

/** A measure that is only told. */
export function told(measure: Omit<Measure, "goal" | "isMet">): Measure {
  return { ...measure, goal: null, isMet: true };
}
