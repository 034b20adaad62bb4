import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isFinal } from "../../src/deployment.ts";
import type { Decoded } from "../../src/intent.ts";
import type { Role } from "../../src/policy/ports.ts";
import { createFakeGitHub, githubError, type FakeGitHub } from "../support/fake-github.ts";
import { createFakeSwarm, type FakeSwarm } from "../support/fake-swarm.ts";
import { createSimulatedClock, type SimulatedClock } from "../support/simulated-clock.ts";
import { createAgenda } from "./agenda.ts";
import { createComplainingLog, createCountingIds, FOREIGN_SERVICE } from "./background.ts";
import { createSimulatedBuilder, type SimulatedBuilder } from "./builder.ts";
import { createLossyWakeUps, withFaults, withOutages } from "./faulty.ts";
import { createLives, type Lives } from "./lives.ts";
import type { Life } from "./mortal.ts";
import { createOutages, type Outages } from "./outages.ts";
import { APP_ID, type Surroundings } from "./process.ts";
import { commandOf, tellCommand, tellHead } from "./pull-request.ts";
import { createRandom } from "./random.ts";
import { createSimulatedRepository, type SimulatedRepository } from "./repository.ts";
import type { Change, Happening, Scenario } from "./scenario.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";
import { createWitness, type Witness } from "./witness.ts";

/** The Swarm, GitHub, Git and all else around one engine that may die and start again, in simulated time. */
export interface World {
  readonly clock: SimulatedClock;
  readonly swarm: FakeSwarm;
  readonly builder: SimulatedBuilder;
  readonly github: FakeGitHub;
  readonly repository: SimulatedRepository;
  readonly witness: Witness;
  readonly webhooks: Webhooks;
  readonly outages: Outages;
  readonly lives: Lives;
  push(change: Change, arrivals: readonly number[]): void;
  pressRetry(which: number, role: Role): Promise<void>;
  moveHead(change: Change, arrivals: readonly number[]): void;
  comment(comment: Extract<Happening, { readonly kind: "comment" }>): void;
  /** Whether a delivery only told of the pull request, and asked for nothing. */
  isSighting(guid: string): boolean;
  /** Somebody changes or removes a service by hand. */
  meddle(act: "change" | "remove"): Promise<void>;
  /** Whether everything is up and every webhook is taken. */
  isQuiet(): boolean;
  close(): Promise<void>;
}

/** So long a git server may not know of a push. */
const LAG_MS = 2_000;

/** Opens the world of a story, with its store in `parent`, and starts the engine in it. */
export function openWorld(scenario: Scenario, parent: string): World {
  const dir = mkdtempSync(join(parent, "skep-world-"));
  const random = createRandom(scenario.seed + 1_000_003);
  const clock = createSimulatedClock();
  const agenda = createAgenda(clock);
  const witness = createWitness(() => clock.now());
  const swarm = createFakeSwarm({ ...clock, now: () => clock.now() + scenario.skewMs });
  swarm.setRollbackFirst(scenario.isRollbackFirst);
  void swarm.createService(FOREIGN_SERVICE);
  let pushedAt = Number.NEGATIVE_INFINITY;
  const latency = (most: number) => async (): Promise<void> => {
    if (random.chance(0.2)) await clock.sleep(random.between(1, most));
  };
  const repository = createSimulatedRepository({
    environments: scenario.environments,
    latency: latency(300),
    isLagging: () => clock.now() - pushedAt < LAG_MS && random.chance(0.3),
  });
  const builder = createSimulatedBuilder({ clock, random, repository, swarm });
  const github = createFakeGitHub();
  const parts = { agenda, witness, swarm, builder, repository, gitHub: github };
  const outages = createOutages(parts);
  const roles = new Map<string, Role>();
  const told = new Map<string, Decoded>();
  const watched = witness.watch(swarm);
  const ids = createCountingIds();
  const log = createComplainingLog(witness);

  async function roleOf(_: unknown, login: string): Promise<Role> {
    if (outages.isGitHubAway()) throw githubError(null);
    return await Promise.resolve(roles.get(login) ?? "none");
  }

  function surroundings({ death }: Life): Surroundings {
    const engine = {
      latency: latency(20),
      takeFault: (method: string) => outages.takeFault(method),
      goAway: (forMs: number) => outages.engine(forMs),
      death,
    };
    const build: typeof builder.build = (request) =>
      builder.build({ ...request, signal: AbortSignal.any([request.signal, death]) });
    return {
      clock,
      ids,
      log,
      source: repository,
      builder: { ...builder, build },
      swarm: withFaults(watched, engine),
      github: withOutages(github, latency(600), () => outages.isGitHubAway()),
      permissions: { roleOf },
      told: (guid) => told.get(guid) ?? null,
      wakeUps: createLossyWakeUps({ clock, random, lost: scenario.wakeUpsLost }),
    };
  }

  const lives = createLives({ dir, clock, agenda, witness, surroundings });
  const webhooks = createWebhooks({ clock, agenda, process: () => lives.process() });
  void lives.begin();
  return {
    clock,
    swarm,
    builder,
    github,
    repository,
    witness,
    webhooks,
    outages,
    lives,
    push(change, arrivals) {
      const { before, forced, commit } = repository.push(change);
      pushedAt = clock.now();
      witness.tell(`push ${commit.sha.slice(0, 7)}, ${commit.change.behaviour}`);
      const head_commit = { message: `content ${commit.content}` };
      const refs = { ref: "refs/heads/main", before, after: commit.sha, deleted: false, forced };
      webhooks.send("push", { ...refs, head_commit, pusher: { name: "ana" } }, arrivals);
    },
    async pressRetry(which, role) {
      const all = (await lives.store()?.deployments.list({ limit: 100 })) ?? [];
      const over = all.filter(({ state }) => isFinal(state));
      const found = over[which % Math.max(1, over.length)];
      if (!found) return;
      const login = `somebody-${webhooks.sent.length}`;
      roles.set(login, role);
      witness.tell(`${login} (${role}) retries ${found.id}`);
      const check_run = { external_id: found.id, head_sha: found.sha, app: { id: APP_ID } };
      const requested_action = { identifier: "retry" };
      const wish = { action: "requested_action", requested_action, check_run, sender: { login } };
      webhooks.send("check_run", wish, [100]);
    },
    moveHead(change, arrivals) {
      const commit = repository.movePull(change);
      if (!commit) return;
      witness.tell(`the pull request is at ${commit.sha.slice(0, 7)}, ${commit.change.behaviour}`);
      const guid = webhooks.send("pull_request", {}, arrivals);
      told.set(guid, tellHead(commit.sha, clock.now()));
    },
    comment({ wish, which, role, arrivals }) {
      const environment = scenario.environments[which % scenario.environments.length];
      if (repository.head === null || environment === undefined) return;
      const guid = webhooks.send("issue_comment", {}, arrivals);
      const commentId = webhooks.sent.length;
      const actor = `somebody-${commentId}`;
      roles.set(actor, role);
      witness.tell(`${actor} (${role}) comments ${wish} ${environment}`);
      const command = commandOf(wish, environment);
      told.set(guid, tellCommand({ guid, commentId, actor, command, at: clock.now() }));
    },
    isSighting: (guid) => told.get(guid)?.kind === "sighting",
    async meddle(act) {
      const live = await swarm.service("shop-production_shop").catch(() => null);
      if (!live) return;
      witness.tell(`somebody does ${act} the service`);
      if (act === "remove") return await swarm.removeService(live.spec.Name);
      const { TaskTemplate } = live.spec;
      await swarm.updateService(live, {
        ...live.spec,
        TaskTemplate: { ...TaskTemplate, ForceUpdate: TaskTemplate.ForceUpdate + 1 },
      });
    },
    isQuiet: () => lives.process() !== null && agenda.isEmpty() && webhooks.areTaken(),
    async close() {
      await lives.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
