import { benchIntake } from "./intake/bench-intake.ts";
import type { BenchOptions, Measure } from "./measure.ts";
import { benchOverhead } from "./overhead.ts";
import { benchRequests } from "./requests.ts";
import { benchPlanning } from "./stacks/bench-planning.ts";
import { benchStacks } from "./stacks/bench-stacks.ts";

/** All benches by name, in the order in which they run. */
export const BENCHES = {
  overhead: benchOverhead,
  intake: benchIntake,
  requests: benchRequests,
  planning: benchPlanning,
  stacks: benchStacks,
} as const satisfies Record<string, (options: BenchOptions) => Promise<readonly Measure[]>>;

/** The name of a bench. */
export type BenchName = keyof typeof BENCHES;

/** Whether a bench has this name. */
export function isBenchName(name: string): name is BenchName {
  return Object.hasOwn(BENCHES, name);
}
