import {
  addInstallation,
  addRepository,
  addUser,
  type NewRepository,
  type NewUser,
  setRole,
} from "./accounts.ts";
import { emitCheckRun } from "./check-events.ts";
import { commitFiles, type FilesCommit } from "./commit-files.ts";
import { createDeploymentOperations, type DeploymentOperations } from "./deployment-operations.ts";
import { addFork, removeRepository } from "./fork.ts";
import { repositoryPage } from "./format/repository.ts";
import type { Turns } from "./git-http.ts";
import { findUser, gitDirectory, type Hub } from "./hub.ts";
import { createIssueOperations, type IssueOperations } from "./issue-operations.ts";
import { createPullOperations, type PullOperations } from "./pull-operations.ts";
import { watchRefs } from "./push-events.ts";
import { createReleaseOperations, type ReleaseOperations } from "./release-operations.ts";
import { type RepositoryName, requireRepository } from "./repository-name.ts";
import type { CheckRun, Deployment, DeploymentStatus, Repository, Role, User } from "./state.ts";
import { createTagOperations, type TagOperations } from "./tag-operations.ts";
import type { LiveHub } from "./webhooks.ts";

/** A repository as its creator needs it. */
export interface LocalRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  /** Its page. */
  readonly url: string;
  /** Where to clone from and push to, with the owner's credentials. */
  readonly cloneUrl: string;
}

/** A check run named by a person who uses its page; the repository's owner when nobody is named. */
export interface CheckRunUse extends RepositoryName {
  readonly checkRunId: number;
  readonly user?: string;
}

/** A deployment with its statuses, oldest first. */
export type LocalDeployment = Deployment & { readonly statuses: readonly DeploymentStatus[] };

/** What people do on GitHub's pages, and what tests read. */
export interface Operations
  extends TagOperations, ReleaseOperations, DeploymentOperations, IssueOperations, PullOperations {
  addUser(user: NewUser): User;
  createRepository(repository: NewRepository): Promise<LocalRepository>;
  /** Forks a repository for another account, who may push to the fork. */
  forkRepository(
    use: RepositoryName & { readonly by: string; readonly name?: string },
  ): Promise<LocalRepository>;
  /** Deletes a repository, such as a fork whose pull requests are open still. */
  deleteRepository(use: RepositoryName & { readonly user?: string }): Promise<void>;
  /** The address a user clones from and pushes to, with the user's credentials. */
  cloneUrl(use: RepositoryName & { readonly user: string }): string;
  /** Makes a custom role, as an organisation may: its name, and the role it is based on. */
  defineRole(use: RepositoryName & { readonly name: string; readonly base: Role }): void;
  /** Gives a role in a repository, also a custom one; undefined takes it away. */
  setPermission(
    use: RepositoryName & { readonly user: string; readonly role: string | undefined },
  ): void;
  /** Installs the App on all repositories of an account, or on those named. */
  installApp(use: { readonly owner: string; readonly repositories?: readonly string[] }): {
    readonly id: number;
  };
  setWebhookUrl(url: string): void;
  /** Pushes one commit without a clone, a new branch from the default one; webhooks are sent as for any push. */
  pushFiles(
    use: RepositoryName & {
      readonly files: FilesCommit["files"];
      readonly branch?: string;
      readonly message?: string;
      readonly user?: string;
    },
  ): Promise<{ readonly sha: string }>;
  /** Presses a button of a finished check run. */
  clickCheckAction(use: CheckRunUse & { readonly identifier: string }): void;
  /** Presses "Re-run". */
  rerequestCheckRun(use: CheckRunUse): void;
  /** Oldest first. */
  checkRuns(use: RepositoryName & { readonly sha?: string; readonly name?: string }): CheckRun[];
  /** Oldest first. */
  deployments(use: RepositoryName & { readonly environment?: string }): LocalDeployment[];
}

/** Creates the operations over a hub. */
export function createOperations(hub: LiveHub, turns: Turns): Operations {
  const { state } = hub;
  const repositoryOf = (use: RepositoryName) => requireRepository(hub, use);
  return {
    ...createTagOperations(hub, turns),
    ...createReleaseOperations(hub, turns),
    ...createDeploymentOperations(hub),
    ...createIssueOperations(hub),
    ...createPullOperations(hub, turns),
    addUser: (user) => addUser(hub, user),
    createRepository: async (wanted) => {
      const repository = await addRepository(hub, wanted);
      return describeRepository(hub, repository);
    },
    forkRepository: async (use) => {
      const source = repositoryOf(use);
      const wanted = { owner: use.by, ...(use.name !== undefined && { name: use.name }) };
      const fork = await turns.run(source.id, () => addFork(hub, source, wanted));
      return describeRepository(hub, fork);
    },
    deleteRepository: (use) => {
      const gone = repositoryOf(use);
      return turns.run(gone.id, () => removeRepository(hub, gone, use.user ?? gone.owner));
    },
    cloneUrl: (use) => cloneUrl(hub, repositoryOf(use), use.user),
    defineRole: (use) => {
      repositoryOf(use).customRoles[use.name] = use.base;
      hub.changed();
    },
    setPermission: (use) => setRole(hub, repositoryOf(use), use.user, use.role),
    installApp: ({ owner, repositories }) => {
      const { id } = addInstallation(hub, {
        account: owner,
        ...(repositories && { repositories }),
      });
      return { id };
    },
    setWebhookUrl: (url) => {
      state.app.webhookUrl = url;
      hub.changed();
    },
    pushFiles: (use) => pushFiles(hub, turns, use),
    clickCheckAction: (use) => {
      const { repository, run } = requireRun(hub, use);
      const isThere = run.actions.some((one) => one.identifier === use.identifier);
      if (run.status !== "completed" || !isThere) {
        throw new Error(
          `pressing ${JSON.stringify(use.identifier)}: check run ${run.id} has no such button now`,
        );
      }
      const { identifier } = use;
      emitCheckRun(hub, repository, {
        run,
        action: "requested_action",
        sender: actor(use),
        identifier,
      });
    },
    rerequestCheckRun: (use) => {
      const { repository, run } = requireRun(hub, use);
      emitCheckRun(hub, repository, { run, action: "rerequested", sender: actor(use) });
    },
    checkRuns: (use) => {
      const { id } = repositoryOf(use);
      return state.checkRuns.filter(
        (one) =>
          one.repositoryId === id &&
          (use.sha === undefined || one.headSha === use.sha) &&
          (use.name === undefined || one.name === use.name),
      );
    },
    deployments: (use) => {
      const { id } = repositoryOf(use);
      return state.deployments
        .filter((one) => one.repositoryId === id)
        .filter((one) => use.environment === undefined || one.environment === use.environment)
        .map((one) => ({
          ...one,
          statuses: state.deploymentStatuses.filter((status) => status.deploymentId === one.id),
        }));
    },
  };
}

/** A repository with the address its owner pushes to. */
export function describeRepository(hub: Hub, repository: Repository): LocalRepository {
  const { id, owner, name, defaultBranch } = repository;
  const url = repositoryPage(hub, repository);
  return { id, owner, name, defaultBranch, url, cloneUrl: cloneUrl(hub, repository, owner) };
}

function cloneUrl(hub: Hub, repository: Repository, login: string): string {
  const user = findUser(hub, login);
  if (!user) throw new Error(`making a clone address: there is no user ${login}`);
  const url = new URL(`${repositoryPage(hub, repository)}.git`);
  url.username = user.login;
  url.password = user.token;
  return url.href;
}

function actor(use: CheckRunUse): string {
  return use.user ?? use.owner;
}

function requireRun(hub: LiveHub, use: CheckRunUse): { repository: Repository; run: CheckRun } {
  const repository = requireRepository(hub, use);
  const run = hub.state.checkRuns.find(
    (one) => one.repositoryId === repository.id && one.id === use.checkRunId,
  );
  if (!run)
    throw new Error(
      `looking for check run ${use.checkRunId}: ${use.owner}/${use.repo} has none such`,
    );
  return { repository, run };
}

async function pushFiles(
  hub: LiveHub,
  turns: Turns,
  use: Parameters<Operations["pushFiles"]>[0],
): Promise<{ readonly sha: string }> {
  const repository = requireRepository(hub, use);
  const author = addUser(hub, { login: use.user ?? use.owner });
  const commit: FilesCommit = {
    branch: use.branch ?? repository.defaultBranch,
    base: repository.defaultBranch,
    message: use.message ?? `Change ${Object.keys(use.files).join(", ")}`,
    files: use.files,
    author: { name: author.name, email: author.email },
    at: hub.now(),
  };
  const act = () => commitFiles(gitDirectory(hub, repository), commit);
  const sha = await turns.run(repository.id, () =>
    watchRefs(hub, { repository, pusher: author.login }, act),
  );
  return { sha };
}
