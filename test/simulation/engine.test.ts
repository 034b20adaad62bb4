import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { play, type Played } from "./play.ts";
import { makeScenario, type Scenario } from "./scenario.ts";

// `SEEDS=5000` plays that many stories, `FIRST=301` begins there; `SEED=42` plays one and tells all that happened.
const SEEDS = Number(process.env["SEEDS"] ?? 300);
const FIRST = Number(process.env["FIRST"] ?? 1);
const SEED = process.env["SEED"];

/** Memory, where there is some: each commit of the store is synced. */
const PARENT = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const WITHIN_MS = 600_000 + 1_000 * SEEDS;

/** The shortest story that still goes wrong, found by leaving out one thing after the other. */
async function shorten(scenario: Scenario): Promise<readonly [Scenario, Played]> {
  let shortest = scenario;
  let played = await play(scenario, PARENT);
  for (const left of scenario.happenings) {
    const happenings = shortest.happenings.filter((one) => one !== left);
    const tried = await play({ ...shortest, happenings }, PARENT);
    if (tried.problems.length > 0) [shortest, played] = [{ ...shortest, happenings }, tried];
  }
  return [shortest, played];
}

function tell(seed: number, { happenings }: Scenario, { problems, trail }: Played): string {
  const events = happenings.map((event) => JSON.stringify(event));
  return [`SEED=${seed}:`, ...problems, "", ...events, "", ...trail].join("\n");
}

async function playAll(): Promise<void> {
  const states: Record<string, number> = {};
  const failed: string[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const scenario = makeScenario(seed);
    const played = await play(scenario, PARENT);
    for (const [state, count] of Object.entries(played.states)) {
      states[state] = (states[state] ?? 0) + count;
    }
    if (played.problems.length === 0) continue;
    const isFirst = failed.length === 0;
    failed.push(isFirst ? tell(seed, ...(await shorten(scenario))) : tell(seed, scenario, played));
  }
  expect(failed.join("\n\n")).toBe("");
  // Else the stories would prove little.
  const often = ["failed", "refused", "rolled_back", "succeeded", "superseded"];
  const rarely = ["waiting", "rollback succeeded", "refused for ref_changed"];
  const cancelled = ["cancelled", "rolled_back"].map((state) => `${state} for cancelled_by_user`);
  const ends = SEEDS < 300 ? often : [...often, ...rarely, ...cancelled];
  expect(Object.keys(states)).toEqual(expect.arrayContaining(ends));
}

async function playOne(seed: number): Promise<void> {
  const scenario = makeScenario(seed);
  const played = await play(scenario, PARENT);
  process.stdout.write(`${tell(seed, scenario, played)}\n`);
  expect(played.problems).toEqual([]);
}

it("keeps its promises in every story", { timeout: WITHIN_MS }, () =>
  SEED === undefined ? playAll() : playOne(Number(SEED)),
);
