import { z } from "zod";
import type { ClientDeps } from "../github/client.ts";
import { checkRunBody } from "./check-run-body.ts";
import { createInstallationCalls } from "./installation-calls.ts";
import type { GitHub } from "./ports.ts";

const made = z.object({ id: z.number().int() });
const checkRuns = z.object({
  check_runs: z.array(
    z.object({
      id: z.number().int(),
      external_id: z.string().nullish(),
      output: z.object({ annotations_count: z.number().int() }),
    }),
  ),
});
const deployments = z.array(z.object({ id: z.number().int(), payload: z.unknown() }));
const statuses = z.array(
  z.object({
    id: z.number().int(),
    state: z.string(),
    description: z.string().nullable(),
  }),
);
const ownPayload = z.object({ skep: z.object({ deployment: z.string() }) });

const PAGE = 100;
const MAX_PAGES = 10;

/** GitHub through Octokit: one client per installation, a deadline on each request, no retries of its own. */
export function createOctokitGitHub(deps: ClientDeps): GitHub {
  const call = createInstallationCalls(deps);
  return {
    createCheckRun: (repository, content) =>
      call(repository, "creating a check run", async (client, where) => {
        const { data } = await client.rest.checks.create({
          ...where,
          name: content.name,
          head_sha: content.sha,
          ...checkRunBody(content),
        });
        return made.parse(data).id;
      }),

    updateCheckRun: (repository, id, content) =>
      call(repository, "updating a check run", async (client, where) => {
        await client.rest.checks.update({ ...where, check_run_id: id, ...checkRunBody(content) });
      }),

    findCheckRun: (repository, content) =>
      call(repository, "looking for a check run", async (client, where) => {
        for (let page = 1; page <= MAX_PAGES; page++) {
          const { data } = await client.rest.checks.listForRef({
            ...where,
            ref: content.sha,
            check_name: content.name,
            filter: "all",
            per_page: PAGE,
            page,
          });
          const runs = checkRuns.parse(data).check_runs;
          const found = runs.find((run) => run.external_id === content.externalId);
          if (found) return { id: found.id, annotations: found.output.annotations_count };
          if (runs.length < PAGE) return null;
        }
        return null;
      }),

    createDeployment: (repository, content) =>
      call(repository, "creating a deployment", async (client, where) => {
        const { data } = await client.rest.repos.createDeployment({
          ...where,
          ref: content.sha,
          environment: content.environment,
          description: content.description,
          production_environment: content.production,
          // GitHub would merge the default branch into the commit, and would wait for Skep's own check.
          auto_merge: false,
          required_contexts: [],
          payload: { skep: { deployment: content.deploymentId } },
        });
        return made.parse(data).id;
      }),

    findDeployment: (repository, content) =>
      call(repository, "looking for a deployment", async (client, where) => {
        const { data } = await client.rest.repos.listDeployments({
          ...where,
          sha: content.sha,
          environment: content.environment,
          per_page: PAGE,
        });
        const found = deployments
          .parse(data)
          .find(({ payload }) => ownDeploymentId(payload) === content.deploymentId);
        return found?.id ?? null;
      }),

    createDeploymentStatus: (repository, githubDeploymentId, content) =>
      call(repository, "creating a deployment status", async (client, where) => {
        await client.rest.repos.createDeploymentStatus({
          ...where,
          deployment_id: githubDeploymentId,
          state: content.state,
          description: content.description,
          log_url: content.logUrl,
          ...(content.environmentUrl === null ? {} : { environment_url: content.environmentUrl }),
          // GitHub's own way leaves production environments out; the reporter marks the previous one itself.
          auto_inactive: false,
        });
      }),

    latestDeploymentStatus: (repository, githubDeploymentId) =>
      call(repository, "reading the deployment statuses", async (client, where) => {
        const { data } = await client.rest.repos.listDeploymentStatuses({
          ...where,
          deployment_id: githubDeploymentId,
          per_page: PAGE,
        });
        const newest = statuses.parse(data).toSorted((a, b) => b.id - a.id)[0];
        return newest ? { state: newest.state, description: newest.description ?? "" } : null;
      }),
  };
}

/** The id that Skep wrote into a GitHub deployment's payload, which comes back as an object or as JSON text. */
function ownDeploymentId(payload: unknown): string | null {
  const parsed = ownPayload.safeParse(typeof payload === "string" ? jsonOrNull(payload) : payload);
  return parsed.success ? parsed.data.skep.deployment : null;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
