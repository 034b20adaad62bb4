import type { GitHub } from "../../src/checks/ports.ts";
import type { Clock } from "../../src/clock.ts";
import type { Swarm } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import type { LaneKind, WakeUps } from "../../src/queue/ports.ts";
import { githubError, type FakeGitHub } from "../support/fake-github.ts";
import { NO_REDIS } from "./background.ts";
import type { Random } from "./random.ts";
import type { When } from "./scenario.ts";

/** Calls to GitHub take their time, and none gets through while it is away. */
export function withOutages(
  github: FakeGitHub,
  latency: () => Promise<void>,
  isAway: () => boolean,
): GitHub {
  return new Proxy<GitHub>(github, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        await latency();
        if (isAway()) throw githubError(null);
        const result: unknown = await Reflect.apply(value, object, args);
        await latency();
        return result;
      };
    },
  });
}

/** A call to the engine that shall fail: with it the engine goes away for a while. */
export interface EngineFault {
  readonly method: keyof Swarm;
  readonly when: When;
  readonly awayMs: number;
}

/** The engine as a process meets it: some calls take a moment, and some fail. */
export function withFaults(
  swarm: Swarm,
  options: {
    readonly latency: () => Promise<void>;
    /** Takes the fault that the next call of the method meets. */
    readonly takeFault: (method: string) => EngineFault | undefined;
    readonly goAway: (forMs: number) => void;
    readonly death: AbortSignal;
  },
): Swarm {
  function hangUp({ awayMs }: EngineFault): never {
    if (awayMs > 0) options.goAway(awayMs);
    throw new SkepError("swarm_unreachable", "the engine hung up", { retryable: true });
  }

  async function call(method: string, act: () => unknown): Promise<unknown> {
    const fault = options.takeFault(method);
    await options.latency();
    if (fault?.when === "before") hangUp(fault);
    const result = await act();
    if (fault) hangUp(fault);
    return result;
  }

  const follow: Swarm["follow"] = (name, onLine, signal) =>
    swarm.follow(name, onLine, AbortSignal.any([signal, options.death]));
  return new Proxy<Swarm>(
    { ...swarm, follow },
    {
      get(object, key, receiver) {
        const value: unknown = Reflect.get(object, key, receiver);
        if (typeof value !== "function" || key === "follow") return value;
        return (...args: unknown[]) =>
          call(String(key), () => Reflect.apply(value, object, args) as unknown);
      },
    },
  );
}

/** Wake-ups of which some are lost, some come twice and some come late; `lost` is the share that is lost. */
export function createLossyWakeUps(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly lost: number;
}): WakeUps {
  const { clock, random, lost } = options;
  let listener: ((kind: LaneKind, lane: string) => Promise<void>) | null = null;

  async function deliver(kind: LaneKind, lane: string): Promise<void> {
    await clock.sleep(random.chance(0.3) ? random.between(1, 3_000) : 1);
    await listener?.(kind, lane);
  }

  return {
    async wake(kind, lane) {
      if (random.chance(lost)) {
        if (random.chance(0.2)) throw new Error(NO_REDIS);
        return;
      }
      void deliver(kind, lane);
      if (random.chance(0.2)) void deliver(kind, lane);
    },
    async listen(given) {
      listener = given;
    },
    async close() {
      listener = null;
    },
  };
}
