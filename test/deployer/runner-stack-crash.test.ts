import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Deployment, DeploymentState } from "../../src/deployment.ts";
import { createKillSwitch, type KillSwitch } from "../support/kill-switch.ts";
import { mortalDeps, runMortal } from "../support/mortal-run.ts";
import { openRunWorld, shaOf, type RunWorld } from "../support/run-world.ts";

const STACK = "shop-production";
const CONFIG = "stack: [stack.yml]\n";

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
});
afterEach(async () => world.cleanUp());

type Services = Readonly<Record<string, object>>;

/** A commit's files. */
interface Commit {
  readonly services: Services;
  readonly settings?: string;
}

interface Story {
  readonly name: string;
  /** Deployed before, unharmed. */
  readonly base: Commit | null;
  /** What is deployed next; `rollback` goes back from it to the base. */
  readonly commit: Commit;
  readonly isRollback?: true;
  readonly state: DeploymentState;
  /** What was done to services and the mark, in order. */
  readonly writes: readonly string[];
  /** What was done to networks and configs. */
  readonly objects: readonly string[];
  /** The deployment that each service names in the end. */
  readonly runs: Readonly<Record<string, string>>;
}

const PAUSE = { deploy: { update_config: { failure_action: "pause" } } };
const JOB = { deploy: { mode: "replicated-job" } };

/** Each of the three waits for the one before it. */
function chain(image: string, last: object = {}): Services {
  return {
    db: { image },
    api: { image, depends_on: ["db"] },
    web: { image, depends_on: ["api"], ...last },
  };
}

const STILL = { image: "good:1" };
/** Fails before it counts as running. */
const BAD = {
  image: "bad:1",
  healthcheck: { test: ["CMD", "true"], interval: "10s", timeout: "5s", retries: 3 },
};
const PUBLISHING = { image: "good:1", ports: ["8080:80"] };
const SETTINGS = { configs: ["settings"] };
const ALL_OLD = { db: "dep_1", api: "dep_1", web: "dep_1" };
const ALL_NEW = { db: "dep_2", api: "dep_2", web: "dep_2" };

const STORIES: readonly Story[] = [
  {
    name: "a first version",
    base: null,
    commit: { services: chain("good:1", SETTINGS), settings: "one" },
    state: "succeeded",
    writes: ["create db", "create api", "create web", "mark"],
    objects: ["create network", "create config"],
    runs: ALL_NEW,
  },
  {
    name: "a version that changes nothing",
    base: { services: chain("good:1") },
    commit: { services: chain("good:1") },
    state: "succeeded",
    writes: ["mark"],
    objects: [],
    runs: ALL_OLD,
  },
  {
    name: "an update that changes three services, takes one away, adds one and leaves one alone",
    base: { services: { ...chain("good:1"), still: STILL, old: STILL } },
    commit: { services: { ...chain("good:2"), still: STILL, fresh: STILL } },
    state: "succeeded",
    // First those that wait for nobody, by name.
    writes: ["update db", "create fresh", "update api", "update web", "remove old", "mark"],
    objects: [],
    runs: { ...ALL_NEW, still: "dep_1", fresh: "dep_2" },
  },
  {
    name: "a new content of a config",
    base: { services: chain("good:1", SETTINGS), settings: "one" },
    commit: { services: chain("good:1", SETTINGS), settings: "two" },
    state: "succeeded",
    writes: ["update web", "mark"],
    objects: ["create config"],
    runs: { ...ALL_OLD, web: "dep_2" },
  },
  {
    name: "a rollback to the old content of a config",
    base: { services: chain("good:1", SETTINGS), settings: "one" },
    commit: { services: chain("good:1", SETTINGS), settings: "two" },
    isRollback: true,
    state: "succeeded",
    writes: ["update web", "mark"],
    objects: [],
    runs: { ...ALL_OLD, web: "dep_3" },
  },
  {
    name: "a job that is changed, and what waits for it",
    base: {
      services: {
        migrate: { ...JOB, image: "job:1" },
        api: waitingFor("good:1", "migrate"),
      },
    },
    commit: {
      services: {
        migrate: { ...JOB, image: "job:2" },
        api: waitingFor("good:2", "migrate"),
      },
    },
    state: "succeeded",
    writes: ["update migrate", "update api", "mark"],
    objects: [],
    runs: { migrate: "dep_2", api: "dep_2" },
  },
  {
    name: "a service whose mode changes",
    base: { services: { ...chain("good:1"), agent: { image: "good:1" } } },
    commit: {
      services: { ...chain("good:1"), agent: { image: "good:1", deploy: { mode: "global" } } },
    },
    state: "succeeded",
    writes: ["remove agent", "create agent", "mark"],
    objects: [],
    runs: { ...ALL_OLD, agent: "dep_2" },
  },
  {
    name: "a port that goes from a service that is removed to a new one",
    base: { services: { ...chain("good:1"), old: PUBLISHING } },
    commit: { services: { ...chain("good:1"), fresh: PUBLISHING } },
    state: "succeeded",
    writes: ["remove old", "create fresh", "mark"],
    objects: [],
    runs: { ...ALL_OLD, fresh: "dep_2" },
  },
  {
    name: "a port that goes to a new service that fails, and so back again",
    base: { services: { ...chain("good:1"), old: PUBLISHING } },
    commit: { services: { ...chain("good:1"), fresh: { ...PUBLISHING, ...BAD } } },
    state: "rolled_back",
    writes: ["remove old", "create fresh", "remove fresh", "create old"],
    objects: [],
    runs: { ...ALL_OLD, old: "dep_1" },
  },
  {
    name: "an update whose last service fails, so that Skep takes all of it back",
    base: { services: { ...chain("good:1"), still: STILL, old: STILL } },
    commit: { services: { ...chain("good:2", { ...BAD, ...PAUSE }), still: STILL, fresh: STILL } },
    state: "rolled_back",
    writes: [
      "update db",
      "create fresh",
      "update api",
      "update web",
      "remove fresh",
      "update db",
      "update api",
      "update web",
    ],
    objects: [],
    runs: { ...ALL_OLD, still: "dep_1", old: "dep_1" },
  },
  {
    name: "an update whose last service fails, so that Swarm takes that back and Skep the others",
    base: { services: chain("good:1") },
    commit: { services: chain("good:2", BAD) },
    state: "rolled_back",
    writes: ["update db", "update api", "update web", "update db", "update api"],
    objects: [],
    runs: ALL_OLD,
  },
  {
    name: "an update that fails after a job has run, which going back does not run again",
    base: {
      services: { migrate: { ...JOB, image: "job:1" }, api: waitingFor("good:1", "migrate") },
    },
    commit: {
      services: {
        migrate: { ...JOB, image: "job:2" },
        api: { ...waitingFor("bad:1", "migrate"), ...PAUSE },
      },
    },
    state: "rolled_back",
    writes: ["update migrate", "update api", "update api"],
    objects: [],
    runs: { migrate: "dep_2", api: "dep_1" },
  },
  {
    name: "an update of which the second service fails, so that the third is never touched",
    base: { services: chain("good:1") },
    commit: { services: { ...chain("good:2"), api: { ...BAD, ...PAUSE, depends_on: ["db"] } } },
    state: "rolled_back",
    writes: ["update db", "update api", "update db", "update api"],
    objects: [],
    runs: ALL_OLD,
  },
  {
    name: "a first version whose last service fails",
    base: null,
    commit: { services: chain("good:1", BAD) },
    state: "failed",
    writes: ["create db", "create api", "create web", "remove db", "remove api", "remove web"],
    objects: ["create network"],
    runs: {},
  },
];

function waitingFor(image: string, key: string): object {
  return { image, depends_on: { [key]: { condition: "service_completed_successfully" } } };
}

function filesOf({ services, settings }: Commit): Record<string, string> {
  const configs = { settings: { file: "settings.txt" } };
  const stack = { services, ...(settings !== undefined && { configs }) };
  return { "stack.yml": JSON.stringify(stack), "settings.txt": settings ?? "" };
}

/** How many writes there were when the part of the story begins that is told with a kill switch. */
interface Begun {
  readonly writes: number;
  readonly objects: number;
}

async function tell(
  story: Story,
  killSwitch: KillSwitch,
): Promise<{ readonly deployment: Deployment; readonly begun: Begun }> {
  const { swarm, builder } = world;
  for (const image of ["good:1", "good:2", "bad:1", "job:1", "job:2"]) {
    builder.addRemoteImage(image);
    if (image.startsWith("job")) {
      swarm.script(image, { does: { kind: "exits", afterMs: 2_000, code: 0 } });
    }
  }
  swarm.script("bad:1", { does: { kind: "exits", afterMs: 100, code: 1 }, lines: ["no database"] });
  const first = story.base === null ? null : await deploy("dep_1", story.base);
  if (story.isRollback) await deploy("dep_2", story.commit);
  const begun = { writes: swarm.writes.length, objects: swarm.objectWrites.length };
  if (story.isRollback) {
    const releaseId = first?.releaseId ?? null;
    const version = "v1";
    const about = { kind: "rollback", releaseId, version, sha: shaOf("dep_1") } as const;
    await world.accept("dep_3", CONFIG, about);
  } else await world.accept("dep_2", CONFIG, {}, filesOf(story.commit));
  return { deployment: await runMortal(world, mortalDeps(world, killSwitch)), begun };
}

async function deploy(id: string, commit: Commit): Promise<Deployment> {
  await world.accept(id, CONFIG, {}, filesOf(commit));
  const ended = await world.run();
  expect(ended.state, world.lines.slice(-12).join("\n")).toBe("succeeded");
  return ended;
}

async function check(story: Story, deployment: Deployment, begun: Begun): Promise<void> {
  const told = world.lines.slice(-20).join("\n");
  expect(deployment.state, told).toBe(story.state);
  const isFailed = story.state !== "succeeded";
  expect(deployment.failure?.code ?? null, told).toBe(isFailed ? "task_exited" : null);
  expect(deployment.phases.every(({ outcome }) => outcome !== "running")).toBe(true);

  const { services } = await world.swarm.stack(STACK);
  const runs = services.map(({ spec }) => [shortName(spec.Name), spec.Labels["skep.deployment"]]);
  expect(Object.fromEntries(runs), told).toEqual(story.runs);

  const writes = world.swarm.writes
    .slice(begun.writes)
    .map(({ kind, name }) => (kind === "mark" ? kind : `${kind} ${shortName(name)}`));
  // Marking again changes nothing.
  const once = writes.filter((write, index) => write !== "mark" || writes[index - 1] !== "mark");
  expect(once, told).toEqual(story.writes);
  const objects = world.swarm.objectWrites.slice(begun.objects);
  expect(
    objects.map(({ kind, object }) => `${kind} ${object}`),
    told,
  ).toEqual(story.objects);
  const mark = await world.swarm.releaseMark(STACK);
  const marked = isFailed ? story.base && "dep_1" : deployment.id;
  expect(mark?.["skep.deployment"] ?? null, told).toBe(marked);
}

function shortName(name: string): string {
  return name.slice(STACK.length + 1);
}

// Not `$name`, which is cut.
describe.each(STORIES.map((story) => [story.name, story] as const))("%s", (_, story) => {
  it("comes to its end without a crash", async () => {
    const { deployment, begun } = await tell(story, createKillSwitch(null, "before"));
    await check(story, deployment, begun);
  });

  it.each(["before", "after"] as const)(
    "comes to the same end, by the same changes, when killed %s any change",
    { timeout: 300_000 },
    async (when) => {
      const unharmed = createKillSwitch(null, when);
      await tell(story, unharmed);
      expect(unharmed.count).toBeGreaterThan(9);
      for (let at = 1; at <= unharmed.count; at++) {
        await world.cleanUp();
        world = await openRunWorld();
        const { deployment, begun } = await tell(story, createKillSwitch(at, when));
        await check(story, deployment, begun).catch((error: unknown) => {
          throw new Error(`killed ${when} change ${at} of ${unharmed.count}: ${String(error)}`);
        });
      }
    },
  );
});
