import { parseComment } from "../../src/commands/parse.ts";
import type { Deployment, DeploymentState } from "../../src/deployment.ts";
import { createRandomIds } from "../../src/ids.ts";
import type { CommandIntent, Intent } from "../../src/intent.ts";
import { decisionOf } from "../../src/lanes/decision-of.ts";
import { decideIntent } from "../../src/policy/decide-intent.ts";
import type { FactSources } from "../../src/policy/ports.ts";
import type { Role } from "../../src/policy/ports.ts";
import type { Verdict } from "../../src/policy/verdict.ts";
import type { Resolved, Source } from "../../src/source/ports.ts";
import type { Answer } from "../../src/store/conversation.ts";
import type { NewDeployment, Store } from "../../src/store/ports.ts";
import { commandIntent, release } from "./command-facts.ts";
import {
  commandComment,
  decision,
  delivery,
  plannedDeployment,
  pullRequestSighting,
  REPOSITORY,
  sha,
} from "./records.ts";
import { releaseService, releaseStack } from "./release-stacks.ts";
import { createSimulatedClock } from "./simulated-clock.ts";

/** GitHub and the engine as commands meet them, to be changed by a test; the store is real. */
export interface CommandWorld {
  readonly store: Store;
  /** Login → role; others have `none`. */
  readonly roles: Map<string, Role>;
  /** Full ref → commit. */
  readonly refs: Map<string, string>;
  /** Commits that only forks have. */
  readonly foreign: Set<string>;
  /** Pull request → its head now. */
  readonly heads: Map<number, string>;
  /** Commit → `.github/skep.yml`. */
  readonly configs: Map<string, string>;
  /** Image → ID. */
  readonly images: Map<string, string>;
  /** What was looked up outside, in order. */
  readonly asked: string[];
  /** Fails the next look-ups of roles. */
  readonly roleFailures: Error[];
  readonly from: FactSources;
  /** A pull request as it was seen long before any comment. */
  see(sighting: Parameters<typeof pullRequestSighting>[0]): Promise<void>;
  /** Writes a comment on pull request 5 and decides its lines in order; tells how they were answered. */
  say(body: string, about?: Partial<CommandIntent>): Promise<readonly Answer["result"][]>;
  /** Decides an intent, and writes what follows. */
  decide(intent: Intent): Promise<Verdict>;
  /** Makes a deployment as something automatic does. */
  deploy(planned: Partial<NewDeployment>): Promise<Deployment>;
  /** Begins the next deployment of production, or of another lane. */
  begin(lane?: string): Promise<Deployment>;
  /** Ends the deployment that was begun, or else begins and ends the next. */
  end(state: DeploymentState, lane?: string): Promise<Deployment>;
}

export const LANE = "7/shop/production";
export const MAIN = sha("f");
const COMMENT_AT = Date.UTC(2026, 0, 5, 11, 0, 0);

/** A world with `ana`, who may write, a branch `main`, and pull request 5 at commit `aaaa…`. */
export function createCommandWorld(store: Store): CommandWorld {
  const clock = createSimulatedClock();
  const ids = createRandomIds(() => clock.now());
  const roles = new Map<string, Role>([["ana", "write"]]);
  const refs = new Map([
    ["refs/heads/main", MAIN],
    ["refs/heads/badge", sha("a")],
  ]);
  const foreign = new Set<string>();
  const heads = new Map([[5, sha("a")]]);
  const configs = new Map<string, string>();
  const images = new Map<string, string>();
  const asked: string[] = [];
  const roleFailures: Error[] = [];
  let count = 0;
  let running: Awaited<ReturnType<Store["deployments"]["claim"]>> = null;

  const source: Source = {
    fetch: () => Promise.reject(new Error("commands resolve names instead")),
    resolve: (_, name) => {
      asked.push(`resolve ${name}`);
      return Promise.resolve(resolve(name, { refs, foreign }));
    },
    pullRequestHead: (_, number) => {
      asked.push(`head of ${number}`);
      return Promise.resolve(heads.get(number) ?? null);
    },
    readFile: (_, commit) => Promise.resolve(configs.get(commit) ?? null),
    readBytes: () => Promise.resolve(null),
    hasChanged: () => Promise.resolve(true),
    isAncestor: () => Promise.resolve(false),
    objectId: () => Promise.resolve(sha("d")),
    context: () => Promise.reject(new Error("nothing is built here")),
  };
  const from: FactSources = {
    store,
    source,
    permissions: {
      roleOf: (_, login) => {
        asked.push(`role of ${login}`);
        const failure = roleFailures.shift();
        return failure ? Promise.reject(failure) : Promise.resolve(roles.get(login) ?? "none");
      },
    },
    images: {
      imageId: (reference) => {
        asked.push(`image ${reference}`);
        return Promise.resolve(images.get(reference) ?? null);
      },
    },
  };

  async function decide(intent: Intent): Promise<Verdict> {
    const verdict = await decideIntent(from, intent);
    const received = delivery({ guid: `guid-${++count}` });
    await store.inbox.insert(received);
    const intentId = ids.next("int");
    const parts = { delivery: received, isLast: true, intentId, verdict };
    clock.advance(1);
    await store.inbox.decide([decisionOf({ clock, ids }, parts)]);
    return verdict;
  }

  async function begin(lane = LANE): Promise<Deployment> {
    const request = { lane, owner: "one", now: clock.now(), leaseMs: 1_000_000 };
    running = await store.deployments.claim(request);
    if (!running) throw new Error("nothing to begin");
    return running.deployment;
  }

  async function saveRelease(deployment: Deployment): Promise<string> {
    if (deployment.releaseId !== null) return deployment.releaseId;
    const { version, app, environment } = deployment;
    const id = ids.next("rel");
    const image = `image:${deployment.sha.slice(0, 4)}`;
    const stack = releaseStack(releaseService(app, { reference: image }));
    const about = { id, version, sha: deployment.sha, app, environment, stack };
    await store.catalog.saveRelease(release(about));
    const build = { key: image, repositoryId: REPOSITORY.id, image, imageId: `id of ${image}` };
    await store.catalog.saveBuild({ ...build, digest: null, createdAt: 1, durationMs: 1 });
    images.set(image, build.imageId);
    return id;
  }

  return {
    store,
    roles,
    refs,
    foreign,
    heads,
    configs,
    images,
    asked,
    roleFailures,
    from,
    decide,
    begin,
    async see(sighting) {
      const guid = `guid-${++count}`;
      await store.inbox.insert(delivery({ guid }));
      const sightings = [pullRequestSighting({ at: COMMENT_AT - 1_000, ...sighting })];
      await store.inbox.decide([
        decision(guid, [], { intents: [], decided: [], decidedSha: null, sightings }),
      ]);
    },
    async say(body, about = {}) {
      const actor = about.actor ?? "ana";
      const comment = commandComment({ actor, commentId: ++count, createdAt: COMMENT_AT });
      await store.conversations.see(comment);
      const key = { repositoryId: REPOSITORY.id, number: comment.number };
      const before = (await store.conversations.get(key)).answers.length;
      for (const { line, text } of parseComment(body)) {
        await decide({ ...commandIntent(text, { comment, ...about }), line });
      }
      const { answers } = await store.conversations.get(key);
      return answers.slice(before).map(({ result }) => result);
    },
    async deploy(planned) {
      const guid = `guid-${++count}`;
      await store.inbox.insert(delivery({ guid }));
      const id = ids.next("dep");
      const made = plannedDeployment({ id, intentId: `int_${guid}`, ...planned });
      const [stored] = await store.inbox.decide([decision(guid, [made])]);
      if (!stored) throw new Error("nothing was made");
      return stored;
    },
    async end(state, lane) {
      if (!running) await begin(lane);
      if (!running) throw new Error("nothing to end");
      const { lease, deployment } = running;
      running = null;
      const releaseId = await saveRelease(deployment);
      const isDone = state === "succeeded";
      clock.advance(1);
      const failed = state === "rolled_back" || state === "rollback_failed";
      if (failed) {
        const patch = { state: "rolling_back" as const };
        await store.deployments.update(lease, { patch, reason: "failed", at: clock.now() });
      }
      return await store.deployments.finish(lease, {
        patch: { state, releaseId, finishedAt: clock.now() },
        reason: state,
        at: clock.now(),
        desiredReleaseId: isDone ? releaseId : null,
      });
    },
  };
}

/** What a name means among the refs, as `Source.resolve` promises. */
function resolve(
  name: string,
  { refs, foreign }: Pick<CommandWorld, "refs" | "foreign">,
): Resolved {
  const places = name.startsWith("refs/") ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
  const named = places.filter((ref) => refs.has(ref));
  if (named.length > 1) return { kind: "ambiguous", candidates: named };
  const [ref = null] = named;
  if (ref !== null) return { kind: "found", ref, sha: refs.get(ref) ?? "", title: `at ${ref}` };
  if (!/^[0-9a-f]{7,40}$/u.test(name)) return { kind: "unknown" };
  const own = [...new Set(refs.values())].filter((commit) => commit.startsWith(name));
  if (own.length > 1) return { kind: "ambiguous", candidates: own };
  if (own[0] !== undefined) return { kind: "found", ref: null, sha: own[0], title: "by its SHA" };
  const other = [...foreign].find((commit) => commit.startsWith(name));
  return other === undefined ? { kind: "unknown" } : { kind: "foreign", sha: other };
}
