import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { LocalDeployment } from "../../sandbox/github/operations.ts";
import type { CheckRun } from "../../sandbox/github/state.ts";
import type { Deployment } from "../../src/deployment.ts";
import { removeServices, sharedDocker } from "./engine.ts";
import type { Product } from "./product.ts";
import { readDeployments, readOutcomes } from "./product-data.ts";
import { waitUntil } from "./wait-until.ts";

/** Files of a repository: path → content; undefined removes one. */
export type Files = Readonly<Record<string, string | undefined>>;

/** A service as the Swarm holds it, as far as tests look at it. */
export type SwarmService = z.infer<typeof swarmService>;

const labels = z.record(z.string(), z.string());
const spec = z.object({ Labels: labels });
const swarmService = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: spec.extend({
    TaskTemplate: z.object({ ContainerSpec: z.object({ Image: z.string() }) }),
  }),
  PreviousSpec: spec.optional(),
  UpdateStatus: z.object({ State: z.string() }).optional(),
});

/** A repository on the product's GitHub and what it runs on the Swarm. */
export interface App {
  readonly owner: string;
  readonly name: string;
  readonly repositoryId: number;
  readonly cloneUrl: string;
  /** Its service, unless the repository says otherwise. */
  readonly serviceName: string;
  /** Pushes one commit; returns its SHA. */
  push(
    files: Files,
    options?: { readonly branch?: string; readonly message?: string },
  ): Promise<string>;
  /** Runs git in a clone that exists from the first use on. */
  git(...args: readonly string[]): Promise<string>;
  /** Waits for the end of a commit's check run and returns it; fails when there are several. */
  finished(sha: string, use?: FinishedUse): Promise<CheckRun>;
  checkRuns(sha: string): readonly CheckRun[];
  /** Skep's records of its deployments, oldest first. */
  records(): readonly Deployment[];
  /** GitHub's deployments of a commit with their statuses. */
  deployments(sha: string): readonly LocalDeployment[];
  /** States of all statuses of the commit's one GitHub deployment, oldest first. */
  statesOf(sha: string): readonly string[];
  /** Waits until the newest status of the commit's GitHub deployment is this one. */
  untilState(sha: string, state: string): Promise<void>;
  /** Waits until the newest delivery of an event is decided; returns code, or `accepted`. */
  decided(event: string): Promise<string>;
  service(name?: string): Promise<SwarmService | null>;
  /** Presses a button of a check run: Retry, as the repository's owner, unless told otherwise. */
  press(run: CheckRun, use?: { readonly identifier?: string; readonly user?: string }): void;
  remove(): Promise<void>;
}

const run = promisify(execFile);

function createClone(url: string, folder: string): App["git"] {
  return async (...args) => {
    if (!existsSync(folder)) await run("git", ["clone", "--quiet", url, folder]);
    return (await run("git", ["-C", folder, ...args])).stdout.trim();
  };
}

interface FinishedUse {
  /** How many check runs the commit shall have; 1 by default. */
  readonly count?: number;
  readonly deadlineMs?: number;
}

/** Makes the repository on the product's GitHub. */
export async function createProductApp(
  product: Product,
  wanted: { readonly owner: string; readonly name: string },
): Promise<App> {
  const { github } = product;
  const { id, cloneUrl } = await github.createRepository(wanted);
  const name = { owner: wanted.owner, repo: wanted.name };
  const serviceName = `${wanted.name}-production_${wanted.name}`;
  const checkRuns = (sha: string): readonly CheckRun[] => github.checkRuns({ ...name, sha });
  const deployments = (sha: string): readonly LocalDeployment[] =>
    github.deployments(name).filter((one) => one.sha === sha);
  const statesOf = (sha: string): readonly string[] => {
    const found = deployments(sha);
    if (found.length !== 1) throw new Error(`commit has ${found.length} GitHub deployments`);
    return (found[0]?.statuses ?? []).map(({ state }) => state);
  };

  const clone = createClone(cloneUrl, join(product.dir, wanted.name));

  return {
    ...wanted,
    repositoryId: id,
    git: clone,
    cloneUrl,
    serviceName,
    checkRuns,
    records: () =>
      readDeployments(product.dataDir).filter(({ repository }) => repository.id === id),
    deployments,
    statesOf,
    async push(files, options = {}) {
      return (await github.pushFiles({ ...name, files, ...options })).sha;
    },
    async finished(sha, { count = 1, deadlineMs = 60_000 } = {}) {
      const isOver = (): boolean => {
        const runs = checkRuns(sha);
        return runs.length >= count && runs.every(({ status }) => status === "completed");
      };
      await waitUntil(`${count} check run(s) of ${sha} are over`, isOver, deadlineMs).catch(
        async (error: unknown) => {
          const shown = JSON.stringify(checkRuns(sha), null, 1);
          throw new Error(`${String(error)}\n${shown}\n${(await product.log()).slice(-6_000)}`);
        },
      );
      const runs = checkRuns(sha);
      const last = runs.at(-1);
      if (runs.length !== count || !last) throw new Error(`there are ${runs.length} check runs`);
      return last;
    },
    untilState: (sha, state) =>
      waitUntil(
        `GitHub shows ${state}`,
        () => deployments(sha)[0]?.statuses.at(-1)?.state === state,
      ),
    async decided(event) {
      await github.idle();
      const all = github.deliveries.filter((one) => one.event === event && one.repositoryId === id);
      const guid = all.at(-1)?.guid ?? "";
      await waitUntil(
        `delivery ${guid} is decided`,
        () => readOutcomes(product.dataDir, guid).length > 0,
      );
      const [outcome] = readOutcomes(product.dataDir, guid);
      return outcome?.kind === "accepted" ? "accepted" : (outcome?.code ?? "");
    },
    async service(service = serviceName) {
      const found = await sharedDocker().listServices({ filters: { name: [service] } });
      const exact = found.find(({ Spec }) => Spec?.Name === service);
      return exact ? swarmService.parse(await sharedDocker().getService(exact.ID).inspect()) : null;
    },
    press(run, { identifier = "retry", user } = {}) {
      const use = { ...name, checkRunId: run.id, identifier };
      github.clickCheckAction(user === undefined ? use : { ...use, user });
    },
    remove: () => removeServices(`${wanted.name}-`),
  };
}
