import type { GitHub } from "../../src/checks/ports.ts";
import type { Swarm } from "../../src/deployer/ports.ts";
import type { Role } from "../../src/policy/ports.ts";
import { WISHES, type Wish } from "./pull-request.ts";
import { createRandom, type Random } from "./random.ts";

/**
 * What the content of a commit leads to. Those of `GOOD` must succeed, all others must never count as a success. A port
 * is held only where there is one environment: there is one node.
 */
export const BEHAVIOURS = [
  "runs",
  "gets_healthy",
  "holds_port",
  "exits_at_once",
  "exits_soon",
  "never_healthy",
  "no_node",
  "port_taken",
  "build_fails",
  "build_hangs",
  "no_dockerfile",
  "bad_config",
  "no_network",
  "image_missing",
] as const;

export const GOOD: readonly Behaviour[] = ["runs", "gets_healthy", "holds_port"];

export type Behaviour = (typeof BEHAVIOURS)[number];

/** How a commit changes its parent. */
export interface Change {
  /** Null for a change outside of the app's folder. */
  readonly behaviour: Behaviour | null;
  readonly replicas: number;
  readonly order: "start-first" | "stop-first" | null;
  readonly failureAction: "pause" | "continue" | "rollback" | null;
  readonly restart: "none" | "on-failure" | null;
  readonly startMs: number;
  /** Makes the proving window of a health check that much longer. */
  readonly startPeriodMs: number;
  /** Whether the commit replaces its parent instead of following it: a forced push. */
  readonly isForced: boolean;
}

/** Whether an interrupted call had done what it was asked before its answer was lost. */
export type When = "before" | "after";

/** One thing that happens to the engine or around it, `at` milliseconds after the start. */
export type Happening = { readonly at: number } & (
  | { readonly kind: "push"; readonly change: Change; readonly arrivals: readonly number[] }
  | { readonly kind: "retry"; readonly which: number; readonly role: Role }
  /** The pull request's head moves, and so it is opened at first. */
  | { readonly kind: "head"; readonly change: Change; readonly arrivals: readonly number[] }
  /** Somebody writes a command on the pull request; `which` picks the environment. */
  | {
      readonly kind: "comment";
      readonly wish: Wish;
      readonly which: number;
      readonly role: Role;
      readonly arrivals: readonly number[];
    }
  | { readonly kind: "engine_away"; readonly forMs: number }
  /** The next call of `method` fails, and with it the engine is away for a while. */
  | {
      readonly kind: "engine_fails";
      readonly method: keyof Swarm;
      readonly when: When;
      readonly awayMs: number;
    }
  | { readonly kind: "store_fails"; readonly method: string }
  | { readonly kind: "github_away"; readonly forMs: number }
  | {
      readonly kind: "github_fails";
      readonly method: keyof GitHub;
      readonly when: When;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: "source_away"; readonly forMs: number }
  /** `kill -9` at the `calls`-th call from then on, of `method` when one is named. */
  | {
      readonly kind: "crash";
      readonly method: string | null;
      readonly calls: number;
      readonly when: When;
      readonly downMs: number;
    }
  | { readonly kind: "stop"; readonly deadlineMs: number; readonly downMs: number }
  | { readonly kind: "theft"; readonly leaseMs: number }
  | { readonly kind: "prune" }
  /** The whole process stands still, as when its machine is suspended. */
  | { readonly kind: "freeze"; readonly forMs: number }
  /** A person changes or removes a service by hand. */
  | { readonly kind: "interference"; readonly act: "change" | "remove" }
);

/** One story, wholly determined by its seed. */
export interface Scenario {
  readonly seed: number;
  readonly environments: readonly string[];
  readonly isRollbackFirst: boolean;
  /** By how much the engine's clock is ahead of Skep's, in milliseconds. */
  readonly skewMs: number;
  readonly wakeUpsLost: number;
  readonly happenings: readonly Happening[];
}

const SWARM_METHODS: readonly (keyof Swarm)[] = [
  "service",
  "tasks",
  "createService",
  "updateService",
  "removeService",
  "markRelease",
  "taskLines",
];
const GITHUB_METHODS: readonly (keyof GitHub)[] = [
  "createCheckRun",
  "updateCheckRun",
  "findCheckRun",
  "createDeployment",
  "findDeployment",
  "createDeploymentStatus",
  "latestDeploymentStatus",
];
const STORE_METHODS: readonly string[] = [
  ...["record", "update", "finish", "claim", "handBack", "renew", "lanesWithWork", "get"].map(
    (method) => `deployments.${method}`,
  ),
  ...["save", "take", "nextDueAt"].map((method) => `outbox.${method}`),
  ...["insert", "decide", "next", "pending"].map((method) => `inbox.${method}`),
  ...["saveBuild", "saveRelease", "claimStack"].map((method) => `catalog.${method}`),
];
const CRASH_METHODS: readonly string[] = [
  ...SWARM_METHODS.map((method) => `swarm.${method}`),
  ...GITHUB_METHODS.map((method) => `github.${method}`),
  ...STORE_METHODS,
  ...["build", "imageId", "pull"].map((method) => `builder.${method}`),
  "source.fetch",
  "wakeUps.wake",
];

const SPAN_MS = 240_000;

/** The story of a seed. */
export function makeScenario(seed: number): Scenario {
  const random = createRandom(seed);
  const happenings: Happening[] = [];
  const at = (): number => random.between(0, SPAN_MS);
  const some = (most: number, make: () => Happening): void => {
    for (let left = random.between(0, most); left > 0; left--) happenings.push(make());
  };
  const isCalm = random.chance(0.2);
  for (let left = random.between(1, 6); left > 0; left--) happenings.push(makePush(random, at()));
  const pushes = happenings.map((push) => push.at);
  if (random.chance(0.6)) happenings.push(...makeWishes(random, pushes));
  if (!isCalm) {
    const isLong = random.chance(0.1);
    const awayMs = (): number =>
      isLong ? random.between(70_000, 400_000) : random.between(500, 20_000);
    some(1, () => ({
      at: at(),
      kind: "retry",
      which: at(),
      role: random.pick<Role>(["write", "read"]),
    }));
    some(1, () => ({ at: at(), kind: "engine_away", forMs: awayMs() }));
    some(3, () => ({
      at: at(),
      kind: "engine_fails",
      method: random.pick(SWARM_METHODS),
      when: makeWhen(random),
      awayMs: random.chance(0.5) ? 0 : awayMs(),
    }));
    some(2, () => ({ at: at(), kind: "store_fails", method: random.pick(STORE_METHODS) }));
    some(1, () => ({ at: at(), kind: "github_away", forMs: random.between(1_000, 600_000) }));
    some(4, () => ({
      at: at(),
      kind: "github_fails",
      method: random.pick(GITHUB_METHODS),
      when: makeWhen(random),
      retryAfterMs: random.chance(0.2) ? random.between(1_000, 120_000) : null,
    }));
    some(1, () => ({ at: at(), kind: "source_away", forMs: awayMs() }));
    some(3, () => makeCrash(random, at()));
    some(1, () => ({
      at: at(),
      kind: "stop",
      deadlineMs: random.between(0, 20_000),
      downMs: random.between(1_000, 60_000),
    }));
    some(1, () => ({ at: at(), kind: "theft", leaseMs: random.between(1_000, 60_000) }));
    some(1, () => ({ at: at(), kind: "prune" }));
    some(1, () => ({ at: at(), kind: "freeze", forMs: random.between(1_000, 100_000) }));
    if (random.chance(0.1)) {
      happenings.push({ at: at(), kind: "interference", act: random.pick(["change", "remove"]) });
    }
  }
  return {
    seed,
    environments: random.chance(0.3) ? ["production", "staging"] : ["production"],
    isRollbackFirst: random.chance(0.5),
    skewMs: random.chance(0.3) ? random.between(-4_500, 4_500) : 0,
    wakeUpsLost: isCalm ? 0 : random.pick([0, 0.2, 1]),
    happenings: happenings.toSorted((a, b) => a.at - b.at),
  };
}

/** Two good versions, a pull request, and what people write on it; deployments are cancelled soon after the pushes, if at all. */
function makeWishes(random: Random, pushes: readonly number[]): readonly Happening[] {
  const happenings: Happening[] = [];
  const moveHead = (at: number): void => {
    const { arrivals, change } = makePush(random, at);
    happenings.push({ at, kind: "head", arrivals, change: { ...change, isForced: false } });
  };
  // Something to go back from, and to.
  for (const at of [0, 45_000]) {
    const push = makePush(random, at + random.between(0, 25_000));
    const change = { ...push.change, behaviour: random.pick(GOOD), isForced: false };
    happenings.push({ ...push, change });
  }
  for (let left = random.between(1, 2); left > 0; left--) moveHead(random.between(0, SPAN_MS));
  for (let left = random.between(1, 8); left > 0; left--) {
    const wish = random.pick(WISHES);
    const soon = random.pick(pushes) + random.between(500, 15_000);
    const at = wish === "cancel" ? soon : random.between(10_000, SPAN_MS + 60_000);
    happenings.push(makeComment(random, { wish, at }));
    if (wish === "deploy" && random.chance(0.3)) moveHead(at + random.between(0, 2_000));
    const isPruned = wish.startsWith("rollback") && random.chance(0.3);
    if (isPruned) happenings.push({ at: at + random.between(0, 1_000), kind: "prune" });
  }
  return happenings;
}

function makeComment(random: Random, about: { readonly wish: Wish; readonly at: number }) {
  const role = random.chance(0.9) ? "write" : "read";
  const which = random.between(0, 1);
  return { ...about, kind: "comment", which, role, arrivals: makeArrivals(random) } as const;
}

function makeArrivals(random: Random): readonly number[] {
  const arrivals = [random.chance(0.7) ? random.between(50, 500) : random.between(500, 60_000)];
  if (random.chance(0.3)) arrivals.push(random.between(50, 120_000));
  return arrivals;
}

function makeWhen(random: Random): When {
  return random.pick(["before", "after"]);
}

function makePush(random: Random, at: number) {
  return { at, kind: "push", arrivals: makeArrivals(random), change: makeChange(random) } as const;
}

function makeChange(random: Random): Change {
  const isGood = random.chance(0.5);
  const good = random.pick(GOOD);
  return {
    behaviour: random.chance(0.1) ? null : isGood ? good : random.pick(BEHAVIOURS),
    replicas: random.pick([1, 1, 1, 2, 3]),
    order: random.pick([null, null, "start-first", "stop-first"] as const),
    failureAction: random.pick([null, null, "rollback", "pause", "continue"] as const),
    restart: random.pick([null, null, null, "none", "on-failure"] as const),
    startMs: random.between(50, 3_000),
    startPeriodMs: random.chance(0.2) ? random.between(10_000, 80_000) : 0,
    isForced: random.chance(0.15),
  };
}

function makeCrash(random: Random, at: number): Happening {
  const isAimed = random.chance(0.6);
  return {
    at,
    kind: "crash",
    method: isAimed ? random.pick(CRASH_METHODS) : null,
    calls: isAimed ? random.between(1, 3) : random.between(1, 300),
    when: makeWhen(random),
    downMs: random.pick([1_000, 5_000, random.between(1_000, 120_000)]),
  };
}
