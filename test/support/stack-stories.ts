import type { DeploymentState } from "../../src/deployment.ts";

/** Key → service, as in a Compose file. */
type Services = Readonly<Record<string, object>>;

/** What a commit has of a stack; `settings` is the content of its one config. */
export interface StackCommit {
  readonly services: Services;
  readonly settings?: string;
}

/** A deployment of a stack, and all that it does to the Swarm, whatever happens to Skep meanwhile. */
export interface StackStory {
  readonly name: string;
  /** Deployed before, unharmed. */
  readonly base: StackCommit | null;
  /** What is deployed next; `rollback` goes back from it to the base. */
  readonly commit: StackCommit;
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

/** The stories; deployments are called `dep_1`, `dep_2`… in the order in which they are accepted. */
export const STACK_STORIES: readonly StackStory[] = [
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
