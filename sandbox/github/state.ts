import { z } from "zod";
import { comment, issue, reaction } from "./issue-state.ts";
import { otherApp } from "./other-app-state.ts";
import { release } from "./release-state.ts";

/** A permission's level on a repository, from weakest to strongest. */
export const roles = ["read", "triage", "write", "maintain", "admin"] as const;
/** A user's role in a repository. */
export type Role = (typeof roles)[number];

const user = z.object({
  id: z.number(),
  login: z.string(),
  name: z.string(),
  email: z.string(),
  type: z.enum(["User", "Organization", "Bot"]),
  /** What the user pushes with, as the password. */
  token: z.string(),
});

const repository = z.object({
  id: z.number(),
  owner: z.string(),
  name: z.string(),
  isPrivate: z.boolean(),
  defaultBranch: z.string(),
  createdAt: z.string(),
  pushedAt: z.string(),
  /** Login → a role, or the name of one of `customRoles`. */
  collaborators: z.record(z.string(), z.string()),
  /** The organisation's own roles: name → the role each is based on. */
  customRoles: z.record(z.string(), z.enum(roles)).default({}),
  /** The repository that this one is a fork of. */
  forkOf: z.number().exactOptional(),
});

const permissions = z.record(z.string(), z.string());

const installation = z.object({
  id: z.number(),
  account: z.string(),
  /** Undefined: every repository of the account. */
  repositoryIds: z.array(z.number()).optional(),
  permissions,
  events: z.array(z.string()),
  createdAt: z.string(),
});

const checkSuite = z.object({
  id: z.number(),
  repositoryId: z.number(),
  headSha: z.string(),
  headBranch: z.string().nullable(),
  before: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const annotation = z.object({
  path: z.string(),
  start_line: z.number(),
  end_line: z.number(),
  start_column: z.number().nullable(),
  end_column: z.number().nullable(),
  annotation_level: z.enum(["notice", "warning", "failure"]),
  message: z.string(),
  title: z.string().nullable(),
  raw_details: z.string().nullable(),
});

const checkRun = z.object({
  id: z.number(),
  repositoryId: z.number(),
  suiteId: z.number(),
  name: z.string(),
  headSha: z.string(),
  externalId: z.string(),
  detailsUrl: z.string().nullable(),
  status: z.enum(["queued", "in_progress", "completed"]),
  conclusion: z.string().nullable(),
  startedAt: z.string(),
  completedAt: z.string().nullable(),
  title: z.string().nullable(),
  summary: z.string().nullable(),
  text: z.string().nullable(),
  annotations: z.array(annotation),
  actions: z.array(
    z.object({ label: z.string(), description: z.string(), identifier: z.string() }),
  ),
});

const deployment = z.object({
  id: z.number(),
  repositoryId: z.number(),
  sha: z.string(),
  ref: z.string(),
  task: z.string(),
  environment: z.string(),
  description: z.string().nullable(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]),
  isTransient: z.boolean(),
  isProduction: z.boolean(),
  creator: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const deploymentStatus = z.object({
  id: z.number(),
  deploymentId: z.number(),
  state: z.enum(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]),
  description: z.string(),
  logUrl: z.string(),
  environmentUrl: z.string(),
  creator: z.string(),
  createdAt: z.string(),
});

const commitStatus = z.object({
  id: z.number(),
  repositoryId: z.number(),
  sha: z.string(),
  state: z.enum(["error", "failure", "pending", "success"]),
  context: z.string(),
  description: z.string().nullable(),
  targetUrl: z.string().nullable(),
  creator: z.string(),
  createdAt: z.string(),
});

const delivery = z.object({
  id: z.number(),
  guid: z.string(),
  deliveredAt: z.string(),
  redelivery: z.boolean(),
  durationSeconds: z.number(),
  status: z.string(),
  statusCode: z.number(),
  event: z.string(),
  action: z.string().nullable(),
  installationId: z.number().nullable(),
  repositoryId: z.number().nullable(),
  url: z.string(),
  requestHeaders: z.record(z.string(), z.string()),
  /** The exact bytes that were signed. */
  requestBody: z.string(),
  responseHeaders: z.record(z.string(), z.string()),
  responseBody: z.string(),
  /** What GitHub's description says is wrong with the payload. */
  problems: z.array(z.string()),
});

const restrictedToken = z.object({
  token: z.string(),
  permissions: permissions.optional(),
  repositoryIds: z.array(z.number()).optional(),
});

/** Everything the local GitHub remembers, apart from what git holds. */
export const stateSchema = z.object({
  lastId: z.number(),
  app: z.object({
    id: z.number(),
    privateKey: z.string(),
    webhookSecret: z.string(),
    tokenKey: z.string(),
    webhookUrl: z.string().optional(),
    createdAt: z.string(),
  }),
  users: z.array(user),
  otherApps: z.array(otherApp).default([]),
  repositories: z.array(repository),
  installations: z.array(installation),
  restrictedTokens: z.array(restrictedToken),
  checkSuites: z.array(checkSuite),
  checkRuns: z.array(checkRun),
  deployments: z.array(deployment),
  deploymentStatuses: z.array(deploymentStatus),
  commitStatuses: z.array(commitStatus),
  /** Issues and pull requests. */
  issues: z.array(issue).default([]),
  comments: z.array(comment).default([]),
  reactions: z.array(reaction).default([]),
  releases: z.array(release).default([]),
  deliveries: z.array(delivery),
});

/** The whole state. */
export type State = z.infer<typeof stateSchema>;
/** A user or an organisation. */
export type User = z.infer<typeof user>;
/** A repository's record; its content is a bare git repository. */
export type Repository = z.infer<typeof repository>;
/** The App on an account. */
export type Installation = z.infer<typeof installation>;
/** The App's check runs of one commit. */
export type CheckSuite = z.infer<typeof checkSuite>;
/** A check run with its output. */
export type CheckRun = z.infer<typeof checkRun>;
/** An annotation of a check run, in GitHub's words. */
export type Annotation = z.infer<typeof annotation>;
/** A deployment; its state is its newest status. */
export type Deployment = z.infer<typeof deployment>;
/** A status of a deployment. */
export type DeploymentStatus = z.infer<typeof deploymentStatus>;
/** A commit status (not a check run). */
export type CommitStatus = z.infer<typeof commitStatus>;
/** A webhook delivery as attempted. */
export type Delivery = z.infer<typeof delivery>;
