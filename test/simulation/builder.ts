import type { Clock } from "../../src/clock.ts";
import type { Builder } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import { createFakeBuilder, type FakeBuilder } from "../support/fake-builder.ts";
import type { FakeSwarm } from "../support/fake-swarm.ts";
import type { Random } from "./random.ts";
import type { SimulatedRepository } from "./repository.ts";
import type { Change } from "./scenario.ts";

/** A builder whose images do what their commits say. */
export interface SimulatedBuilder extends Builder {
  /** Tags of the builds that ended well. */
  readonly built: readonly string[];
  prune(): void;
  setReachable(isReachable: boolean): void;
}

const BUILD_FAILED = new SkepError("build_failed", "step 1/1 exited with code 1");

/** The builder of the simulated engine; what it builds tells the Swarm what its tasks do. */
export function createSimulatedBuilder(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly repository: SimulatedRepository;
  readonly swarm: FakeSwarm;
}): SimulatedBuilder {
  const { repository, swarm, random } = options;
  const builder: FakeBuilder = createFakeBuilder(options.clock);
  const built: string[] = [];
  let isReachable = true;

  function reach(): void {
    const retryable = true;
    if (isReachable) return;
    throw new SkepError("swarm_unreachable", "reaching the engine: it is away", { retryable });
  }

  return {
    built,
    setReachable: (value) => void (isReachable = value),
    prune() {
      for (const tag of built) builder.removeImage(tag);
    },
    async imageId(reference) {
      reach();
      return await builder.imageId(reference);
    },
    async build(request) {
      reach();
      const { change } = repository.commitOf(request.context);
      swarm.script(request.tag, { does: whatTasksDo(change), startMs: change.startMs });
      const error = change.behaviour === "build_fails" ? BUILD_FAILED : null;
      const durationMs = change.behaviour === "build_hangs" ? 9e9 : random.between(50, 20_000);
      builder.script({ error, durationMs });
      const result = await builder.build(request);
      reach();
      built.push(request.tag);
      return result;
    },
    async pull(reference, signal) {
      reach();
      return await builder.pull(reference, signal);
    },
    async resolve(reference, signal) {
      reach();
      return await builder.resolve(reference, signal);
    },
    async push(reference, signal) {
      reach();
      return await builder.push(reference, signal);
    },
  };
}

function whatTasksDo({ behaviour, startMs, restart }: Change) {
  if (behaviour === "exits_at_once") {
    return { kind: "exits", afterMs: startMs % 40, code: 1 } as const;
  }
  if (behaviour === "exits_soon") {
    // Told never to start it again, Swarm and Skep take its end without an error for its purpose.
    const code = restart === "none" ? 1 : startMs % 2;
    return { kind: "exits", afterMs: 200 + startMs, code } as const;
  }
  if (behaviour === "never_healthy") {
    return { kind: "unhealthy", output: ["not well"], code: 137 } as const;
  }
  return { kind: "runs" } as const;
}
