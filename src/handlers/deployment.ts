import { z } from "zod";
import type { Decoded } from "../intent.ts";
import { asking, describeMismatch, ignored, origin, repositoryOf, sha } from "./payload.ts";

/** Longer texts than GitHub's own limits are nothing that it sent. */
const MAX_TEXT = 500;

const text = z
  .string()
  .nullish()
  .transform((given) => (given ?? "").slice(0, MAX_TEXT));

const deploymentPayload = origin.extend({
  action: z.string(),
  deployment: z.object({
    id: z.number().int().positive(),
    sha,
    ref: z.string().min(1).max(MAX_TEXT),
    environment: z.string().min(1).max(MAX_TEXT),
    task: z.string().default("deploy"),
    description: text,
    payload: z.unknown().optional(),
    creator: z.object({ login: z.string().min(1), type: z.string().optional() }).nullable(),
    performed_via_github_app: z.object({ id: z.number() }).nullish(),
  }),
});

type GitHubDeployment = z.infer<typeof deploymentPayload>["deployment"];

/** Reads what a `deployment` event asks for: nothing when Skep made the GitHub deployment itself. Never throws. */
export function decodeDeployment(payload: unknown, deliveryGuid: string, appId: number): Decoded {
  const parsed = deploymentPayload.safeParse(payload);
  if (!parsed.success) return ignored(describeMismatch(parsed.error));
  const { action, deployment, repository } = parsed.data;
  if (action !== "created") return ignored(`nothing follows from deployment.${action}`);
  if (isOurs(deployment, appId)) return ignored("Skep made this deployment itself");
  if (deployment.task !== "deploy") return ignored("only deployments with the task deploy are run");
  if (deployment.creator === null) return ignored("nobody is named who made the deployment");
  return asking({
    kind: "github_deployment",
    repository: repositoryOf(parsed.data),
    actor: deployment.creator.login,
    deliveryGuid,
    githubDeploymentId: deployment.id,
    sha: deployment.sha,
    ref: deployment.ref,
    environment: deployment.environment,
    description: deployment.description,
    // Through an App, a person acts with their own name and role.
    isBot: deployment.creator.type === "Bot",
    defaultBranch: repository.default_branch,
  });
}

/** GitHub does not always tell the App; then the id that Skep writes into its own does, which only a bot may claim. */
function isOurs(deployment: GitHubDeployment, appId: number): boolean {
  const { performed_via_github_app: app } = deployment;
  if (app) return app.id === appId;
  return deployment.creator?.type === "Bot" && hasOurId(deployment.payload);
}

const ownPayload = z.object({ skep: z.object({ deployment: z.string() }) });

/** GitHub sends the payload as it was given: as an object, or as JSON text. */
function hasOurId(payload: unknown): boolean {
  return ownPayload.safeParse(typeof payload === "string" ? jsonOrNull(payload) : payload).success;
}

function jsonOrNull(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return null;
  }
}
