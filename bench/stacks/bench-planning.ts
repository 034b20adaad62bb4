import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import { planStack } from "../../src/deployer/plan/plan-stack.ts";
import type { StackPlan } from "../../src/deployer/plan/stack-plan.ts";
import type { Swarm } from "../../src/deployer/ports.ts";
import type { ReleaseStack } from "../../src/release.ts";
import { draftStack } from "../../src/stack/draft.ts";
import { bindGiven } from "../../test/support/bind-given.ts";
import { carryOut } from "../../test/support/carry-out.ts";
import { makeFolder, startBenchEngine } from "../bench-world.ts";
import { atMostAlone, neverAbove, type BenchOptions, type Measure } from "../measure.ts";
import { IMAGES, plannedStack } from "./stack-text.ts";

const SERVICES = 50;
const MOST_MS = 150;
const MOST_READS = 6;
const STACK = "planned";
const SERVER_KEY = Buffer.alloc(32, 7);
const CONTENT = Buffer.from("content");

/** How long a look at the Swarm and a plan take for a stack of fifty services, none or all of them changed. */
export async function benchPlanning(options: BenchOptions): Promise<readonly Measure[]> {
  const { runs, cleanup, tell } = options;
  const engine = await startBenchEngine(cleanup, await makeFolder(cleanup));
  const client = createDockerClient(`unix://${engine.socketPath}`);
  let reads = 0;
  const swarm = createDockerodeSwarm({
    ...client,
    request: async (call) => {
      if (call.method === "GET") reads++;
      return await client.request(call);
    },
  });
  const unchanged = releaseOf(IMAGES[0]);
  const changed = releaseOf(IMAGES[1]);
  await carryOut(swarm, await plan(swarm, unchanged), () => CONTENT);

  const ms = { unchanged: new Array<number>(), changed: new Array<number>() };
  const counts: number[] = [];
  // The first ones warm up.
  for (let run = -3; run < runs; run++) {
    for (const [name, release, kind] of [
      ["unchanged", unchanged, "keep"],
      ["changed", changed, "update"],
    ] as const) {
      reads = 0;
      const startedAt = performance.now();
      const { services } = await plan(swarm, release);
      const took = performance.now() - startedAt;
      if (services.length !== SERVICES || services.some((service) => service.kind !== kind))
        throw new Error(`planning a stack that is ${name}: not every service is to ${kind}`);
      if (run < 0) continue;
      ms[name].push(took);
      counts.push(reads);
    }
    if (run >= 0)
      tell(
        `  ${run + 1}/${runs}: ${ms.unchanged[run]?.toFixed(0)} ms, ${ms.changed[run]?.toFixed(0)} ms`,
      );
  }
  const base = { bench: "planning", unit: "ms" } as const;
  return [
    atMostAlone({ ...base, name: `${SERVICES} services, unchanged`, ours: ms.unchanged }, MOST_MS),
    atMostAlone({ ...base, name: `${SERVICES} services, all changed`, ours: ms.changed }, MOST_MS),
    neverAbove(
      { ...base, unit: "reads", name: "of the engine for a plan", ours: counts },
      MOST_READS,
    ),
  ];
}

function releaseOf(image: string): ReleaseStack {
  const result = draftStack({
    stackName: STACK,
    files: [{ path: "stack.yml", text: plannedStack(SERVICES, image) }],
    appPath: ".",
    readFile: () => CONTENT,
    variables: {},
    serverKey: SERVER_KEY,
    defaultNetwork: "own",
  });
  if (!result.ok) throw new Error(`reading the stack: ${JSON.stringify(result.problems)}`);
  return bindGiven(result.draft);
}

async function plan(swarm: Swarm, release: ReleaseStack): Promise<StackPlan> {
  const live = await swarm.survey();
  const made = { owner: "1/bench/production", deploymentId: "dep_1", releaseId: "rel_1" };
  return planStack({ stackName: STACK, ...made, release, live, serverKey: SERVER_KEY });
}
