import { startBenchWorld } from "./bench-world.ts";
import { neverAbove, told, type BenchOptions, type Measure } from "./measure.ts";

/** How many requests one push deployment may cost GitHub, the first one's token included. */
const MOST = 8;

/** Counts what Skep asks of GitHub from a push until its deployment is over, as the local GitHub logs it. */
export async function benchRequests(options: BenchOptions): Promise<readonly Measure[]> {
  const { runs, cleanup, tell } = options;
  const world = await startBenchWorld(cleanup, { validate: true });
  const { requests } = world.github;
  const api: number[] = [];
  const git: number[] = [];
  for (let run = 0; run < runs; run++) {
    requests.reset();
    await world.deployed(await world.push(`page ${run}`));
    await world.github.idle();
    api.push(requests.count({ kind: "api" }));
    git.push(requests.count({ kind: "git" }));
    const names = requests.find({ kind: "api" }).map(({ operationId }) => operationId);
    tell(`  ${run + 1}/${runs}: ${names.join(", ")}`);
  }
  const problems = world.github.problems();
  if (problems.length > 0) throw new Error(`requests broke the contract:\n${problems.join("\n")}`);
  const base = { bench: "requests", unit: "requests" } as const;
  return [
    neverAbove({ ...base, name: "to GitHub's API for a push", ours: api }, MOST),
    told({ ...base, name: "of git for a push", ours: git, floor: [] }),
  ];
}
