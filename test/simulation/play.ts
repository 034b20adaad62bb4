import { isFinal } from "../../src/deployment.ts";
import { settle } from "../support/pass-time.ts";
import { examine } from "./examine.ts";
import type { Happening, Scenario } from "./scenario.ts";
import { openWorld, type World } from "./world.ts";

/** What became of a story. */
export interface Played {
  readonly problems: readonly string[];
  readonly trail: readonly string[];
  /** How many deployments ended in which state, of which kind and for which reason. */
  readonly states: Readonly<Record<string, number>>;
}

/** No story takes longer to come to rest, in simulated time. */
const LONGEST_MS = 3 * 3_600_000;
/** How often it is looked whether there is anything left to do. */
const LOOK_MS = 5_000;
/** How long it is watched afterwards: nothing may begin by itself. */
const AFTERWARDS_MS = 120_000;

/** Plays a story to its end and says what was wrong. */
export async function play(scenario: Scenario, parent: string): Promise<Played> {
  const world = openWorld(scenario, parent);
  const { clock, witness } = world;
  const begin = clock.now();
  const events = [...scenario.happenings];
  try {
    let lookAt = 0;
    for (;;) {
      await settle();
      const now = clock.now() - begin;
      while (events[0] !== undefined && events[0].at <= now) {
        const event = events.shift();
        if (event) await happen(world, event);
      }
      if (events.length === 0 && now >= lookAt) {
        lookAt = now + LOOK_MS;
        const left = await whatIsLeft(world);
        // It may have died while it was looked at.
        if (left === null && world.isQuiet()) break;
        if (now > LONGEST_MS) {
          witness.complain(`it does not come to rest: ${left}`);
          break;
        }
      }
      const next = Math.min(
        clock.nextAt() ?? begin + now + 1_000,
        begin + (events[0]?.at ?? Infinity),
      );
      clock.advance(Math.max(0, next - clock.now()));
    }
    world.lives.process()?.life.spare();
    const states = await examine(world, scenario, () => wait(world, AFTERWARDS_MS));
    return { problems: witness.problems, trail: witness.trail, states };
  } finally {
    const closing = world.close();
    for (let i = 0; i < 50; i++) {
      await settle();
      clock.advance(100);
    }
    await closing;
  }
}

async function wait(world: World, ms: number): Promise<void> {
  const until = world.clock.now() + ms;
  while (world.clock.now() < until) {
    await settle();
    const next = Math.min(world.clock.nextAt() ?? until, until);
    world.clock.advance(next - world.clock.now());
  }
}

/** What there is still to do; null at rest. */
async function whatIsLeft(world: World): Promise<string | null> {
  const store = world.lives.store();
  if (!store || !world.isQuiet()) return "something is down or on its way";
  const pending = await store.inbox.pending();
  if (pending.length > 0) return "a delivery has no outcome";
  const deployments = await store.deployments.list({ limit: 1_000 });
  const open = deployments.find(({ state }) => !isFinal(state) && state !== "waiting");
  if (open) return `${open.id} is ${open.state} in ${open.phase ?? "no phase"}`;
  return (await store.outbox.nextDueAt()) === null ? null : "GitHub is behind";
}

async function happen(world: World, event: Happening): Promise<void> {
  switch (event.kind) {
    case "push":
      return world.push(event.change, event.arrivals);
    case "head":
      return world.moveHead(event.change, event.arrivals);
    case "comment":
      return world.comment(event);
    case "retry":
      return await world.pressRetry(event.which, event.role);
    case "engine_away":
      return world.outages.engine(event.forMs);
    case "engine_fails":
      return world.outages.engineFails(event);
    case "store_fails":
      return world.lives.storeFails(event.method);
    case "github_away":
      return world.outages.github(event.forMs);
    case "github_fails":
      return world.outages.githubFails(event.method, event.when, event.retryAfterMs);
    case "source_away":
      return world.outages.source(event.forMs);
    case "crash":
      return world.lives.crash(event, event.downMs);
    case "stop":
      return world.lives.stop(event.deadlineMs, event.downMs);
    case "theft":
      return await world.lives.steal(event.leaseMs);
    case "freeze":
      return world.clock.advance(event.forMs);
    case "interference":
      return await world.meddle(event.act);
    case "prune":
      return world.builder.prune();
  }
}
