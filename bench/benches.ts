import type { Cleanup } from "../sandbox/cleanup.ts";
import { benchIntake } from "./intake/bench-intake.ts";
import type { Measure } from "./measure.ts";
import { benchOverhead } from "./overhead.ts";
import { benchRequests } from "./requests.ts";

/** What a bench gets. */
export interface BenchOptions {
  /** Samples of each measure. */
  readonly runs: number;
  readonly cleanup: Cleanup;
  readonly tell: (text: string) => void;
}

/** All benches by name, in the order in which they run. */
export const BENCHES = {
  overhead: benchOverhead,
  intake: benchIntake,
  requests: benchRequests,
} as const satisfies Record<string, (options: BenchOptions) => Promise<readonly Measure[]>>;

/** The name of a bench. */
export type BenchName = keyof typeof BENCHES;

/** Whether a bench has this name. */
export function isBenchName(name: string): name is BenchName {
  return Object.hasOwn(BENCHES, name);
}
