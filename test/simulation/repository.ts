import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { SkepError } from "../../src/errors.ts";
import type { Source } from "../../src/source/ports.ts";
import type { Behaviour, Change } from "./scenario.ts";

/** A commit of the simulated repository: what its app is, and how often each part of it was changed. */
export interface Commit {
  readonly sha: string;
  readonly parent: Commit | null;
  readonly change: Change & { readonly behaviour: Behaviour };
  /** Equal for commits whose app is equal. */
  readonly content: number;
}

/** A repository in memory, the mirror and its remote in one. */
export interface SimulatedRepository extends Source {
  readonly head: Commit | null;
  /** A new commit on the pull request's branch, which grows from `main` as it is; null without a `main`. */
  movePull(change: Change): Commit | null;
  push(change: Change): {
    readonly before: string;
    readonly forced: boolean;
    readonly commit: Commit;
  };
  commit(sha: string): Commit;
  /** The commit whose folder a build got as its context. */
  commitOf(context: Readable): Commit;
  setReachable(isReachable: boolean): void;
}

const NO_COMMIT = "0".repeat(40);
export const FOLDER = "app";

/** An empty repository whose environments all follow `main`. `latency` is awaited by what goes over the network. */
export function createSimulatedRepository(options: {
  readonly environments: readonly string[];
  readonly latency: () => Promise<void>;
  /** Whether a git server answers that has not heard of the last push yet. */
  readonly isLagging: () => boolean;
}): SimulatedRepository {
  const commits = new Map<string, Commit>();
  const contexts = new WeakMap<Readable, Commit>();
  let head: Commit | null = null;
  /** What a git server shows that has not heard of the last push yet. */
  let lastHead: string | null = null;
  let isLastForced = false;
  let pull: Commit | null = null;
  let isReachable = true;
  let contents = 0;

  function find(sha: string): Commit {
    const commit = commits.get(sha);
    if (commit) return commit;
    throw new SkepError("source_not_found", `reading commit ${sha}: there is no such commit`);
  }

  function reach(): void {
    if (isReachable) return;
    throw new SkepError("source_unavailable", "fetching: GitHub is away", { retryable: true });
  }

  function add(parent: Commit | null, change: Change): Commit {
    const behaviour = change.behaviour ?? parent?.change.behaviour ?? "runs";
    const isSame = change.behaviour === null && parent !== null;
    const known = isSame ? parent.change : change;
    const content = isSame ? parent.content : ++contents;
    const sha = hash(`commit ${commits.size}`);
    const commit = { sha, parent, content, change: { ...known, behaviour } };
    commits.set(sha, commit);
    return commit;
  }

  return {
    get head() {
      return head;
    },
    movePull(change) {
      if (head === null) return null;
      pull = add(head, change);
      return pull;
    },
    push(change) {
      const before = head?.sha ?? NO_COMMIT;
      // One that also missed a forced push before would be too far behind to be true.
      lastHead = isLastForced ? null : (head?.sha ?? null);
      isLastForced = change.isForced;
      const parent = change.isForced ? (head?.parent ?? null) : head;
      head = add(parent, change);
      return { before, forced: change.isForced, commit: head };
    },
    commit: find,
    commitOf(context) {
      const commit = contexts.get(context);
      if (!commit) throw new Error("the context is of another source");
      return commit;
    },
    setReachable: (value) => void (isReachable = value),

    async fetch(_, { sha, defaultBranch }) {
      if (defaultBranch !== null) {
        await options.latency();
        reach();
      }
      find(sha);
      if (defaultBranch === null) return { defaultBranchSha: null };
      const seen = options.isLagging() ? lastHead : null;
      return { defaultBranchSha: seen ?? head?.sha ?? null };
    },
    async resolve(_, name) {
      await options.latency();
      reach();
      const isBranch = name === "main" || name === "refs/heads/main";
      const commit = isBranch ? head : (commits.get(name) ?? null);
      if (commit === null) return { kind: "unknown" };
      return {
        kind: "found",
        sha: commit.sha,
        ref: isBranch ? "refs/heads/main" : null,
        title: "",
      };
    },
    async pullRequestHead() {
      await options.latency();
      reach();
      return pull?.sha ?? null;
    },
    async readFile(_, sha, path) {
      return path === ".github/skep.yml" ? configText(find(sha), options.environments) : null;
    },
    readBytes: () => Promise.resolve(null),
    async hasChanged(_, from, to) {
      return commits.get(from)?.content !== find(to).content;
    },
    async isAncestor(_, ancestor, sha) {
      let commit = commits.get(sha) ?? null;
      while (commit !== null && commit.sha !== ancestor) commit = commit.parent;
      return commit !== null;
    },
    async objectId(_, sha, path) {
      const { content, change } = find(sha);
      if (path === FOLDER) return hash(`tree ${content}`);
      const isDockerfile = path === `${FOLDER}/Dockerfile`;
      return isDockerfile && change.behaviour !== "no_dockerfile" ? hash("Dockerfile") : null;
    },
    async context(_, { sha }) {
      const context = Readable.from([`content ${find(sha).content}`]);
      contexts.set(context, find(sha));
      return context;
    },
  };
}

function hash(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function configText({ change, content }: Commit, environments: readonly string[]): string {
  const { behaviour } = change;
  const isChecked = behaviour === "gets_healthy" || behaviour === "never_healthy";
  const lines = [
    `path: ${FOLDER}`,
    "service:",
    behaviour === "image_missing" ? "  image: nobody/has:this" : "  build: .",
    "  environment:",
    `    CONTENT: "${content}"`,
    ...(isChecked ? ["  healthcheck:", "    test: check"] : []),
    ...(isChecked ? ["    interval: 1s", "    timeout: 1s", "    retries: 2"] : []),
    ...(isChecked ? [`    start_period: ${change.startPeriodMs}ms`] : []),
    ...(behaviour === "port_taken" ? ['  ports: ["8080:80"]'] : []),
    ...(behaviour === "holds_port" && environments.length === 1
      ? ["  ports: [{ target: 80, published: 9090, mode: host }]"]
      : []),
    ...(behaviour === "no_network" ? ["  networks: [nowhere]"] : []),
    ...(behaviour === "bad_config" ? ["  replicas: 2"] : []),
    "  deploy:",
    `    replicas: ${behaviour === "holds_port" ? 1 : change.replicas}`,
    ...(behaviour === "no_node" ? ["    placement:", "      constraints: [node.id==none]"] : []),
    ...updateLines(behaviour === "holds_port" ? { ...change, order: null } : change),
    ...(change.restart === null
      ? []
      : ["    restart_policy:", `      condition: ${change.restart}`]),
    "environments:",
    ...environments.map((name) => `  ${name}: { deploy_on: { push: main } }`),
  ];
  return `${lines.join("\n")}\n`;
}

function updateLines({ order, failureAction }: Change): readonly string[] {
  if (order === null && failureAction === null) return [];
  return [
    "    update_config:",
    ...(order === null ? [] : [`      order: ${order}`]),
    ...(failureAction === null ? [] : [`      failure_action: ${failureAction}`]),
  ];
}
