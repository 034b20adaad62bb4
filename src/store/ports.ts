import type { Deployment, DeploymentState, Hold, Transition } from "../deployment.ts";
import type { ErrorCode } from "../errors.ts";
import type { Intent, PullRequestSighting } from "../intent.ts";
import type { Build, Release } from "../release.ts";
import type { Answer, ConversationKey, Conversations } from "./conversation.ts";

/** One webhook as received. Times are milliseconds since the epoch. */
export interface Delivery {
  readonly guid: string;
  readonly event: string;
  /** Null when the payload names no repository. */
  readonly repositoryId: number | null;
  /** The raw JSON text, as GitHub sent it. */
  readonly payload: string;
  readonly receivedAt: number;
}

/** What was decided about one intent (or about a delivery that holds none). */
export type Outcome =
  | {
      readonly kind: "ignored";
      readonly code: ErrorCode;
      readonly message: string;
      readonly intent: Intent | null;
    }
  | {
      readonly kind: "refused";
      readonly code: ErrorCode;
      readonly message: string;
      readonly intent: Intent;
    }
  | { readonly kind: "accepted"; readonly intent: Intent };

/** A decided intent, as the store keeps it. */
export interface IntentRecord {
  readonly id: string;
  readonly deliveryGuid: string;
  readonly outcome: Outcome;
  readonly at: number;
}

/**
 * What one delivery led to, or one intent of it: written in one transaction. A delivery with several intents is decided
 * by as many decisions, each on what the ones before it changed.
 */
export interface Decision {
  readonly deliveryGuid: string;
  readonly at: number;
  /** Whether nothing of the delivery is left to decide. */
  readonly isLast: boolean;
  readonly intents: readonly IntentRecord[];
  /** New deployments, in state `queued`, `waiting` or `refused`; numbers are given by the store. */
  readonly deployments: readonly NewDeployment[];
  /** Environments whose newest decided commit (or version) this decision moves. */
  readonly decided: readonly EnvironmentKey[];
  /** The commit that `decided` moves to; null leaves it. */
  readonly decidedSha: string | null;
  /** The tag that `decided` moves to; null leaves it. */
  readonly decidedVersion: string | null;
  /**
   * Environments that are held from now on, or (with null) no more; either way undone when the first deployment of the
   * decision ends having touched nothing.
   */
  readonly holds: readonly { readonly environment: EnvironmentKey; readonly hold: Hold | null }[];
  /** Deployments that waited and are queued from now on. Those that wait no more are left as they are. */
  readonly released: readonly string[];
  /** Deployments to be cancelled: at once when they have not begun, else as soon as their run notices. */
  readonly cancelled: readonly { readonly deploymentId: string; readonly by: string }[];
  readonly sightings: readonly PullRequestSighting[];
  readonly answers: readonly Answer[];
}

/** A deployment before the store has numbered it. */
export type NewDeployment = Omit<Deployment, "number" | "recordVersion">;

/** Names one environment of one app. */
export interface EnvironmentKey {
  readonly repositoryId: number;
  readonly app: string;
  readonly environment: string;
}

/** What the store knows of an environment. */
export interface EnvironmentRecord extends EnvironmentKey {
  readonly stackName: string | null;
  /** Newest commit with an outcome. */
  readonly decidedSha: string | null;
  /** Newest tag with an outcome. */
  readonly decidedVersion: string | null;
  /** Null when automatic deployments are let through. */
  readonly hold: Hold | null;
  /** What the environment shall run: set only by a success or a rollback. */
  readonly desiredReleaseId: string | null;
  /** The deployment that last succeeded here. */
  readonly activeDeploymentId: string | null;
}

/** The right to run one deployment. All writes of the run carry the token; an older token is refused. */
export interface Lease {
  readonly deploymentId: string;
  readonly owner: string;
  readonly token: number;
}

/** A claimed deployment. */
export interface Claim {
  readonly deployment: Deployment;
  readonly lease: Lease;
  /** True when an earlier run of it was cut short: its journal tells how far it came. */
  readonly resumed: boolean;
}

/** One effect on the outside world, written before (`about_to`) and after (`done`) it happens. */
export interface JournalEntry {
  readonly step: string;
  readonly state: "about_to" | "done";
  /** Plain JSON that a later run needs to look the effect up or to undo it; no secret. */
  readonly data: unknown;
  readonly at: number;
}

/** A change to a deployment's record. */
export type DeploymentPatch = Partial<
  Pick<
    Deployment,
    | "state"
    | "phase"
    | "phases"
    | "plan"
    | "warnings"
    | "releaseId"
    | "failure"
    | "startedAt"
    | "finishedAt"
    | "tasksRunningAt"
  >
>;

/** What the reporter last made GitHub show for a deployment, and when to look again. */
export interface Report {
  readonly deploymentId: string;
  readonly checkRunId: number | null;
  readonly githubDeploymentId: number | null;
  /** Channel → fingerprint of what was last sent. */
  readonly sent: Readonly<Record<string, string>>;
  /** Effects begun but not known to have ended: they are looked up before they are tried again. */
  readonly aboutTo: readonly string[];
  /** Record version that GitHub shows; below the deployment's own, there is something to send. */
  readonly sentVersion: number;
  /** Record version that `nextAttemptAt` was decided on: a deployment that has ended since is due at once. */
  readonly seenVersion: number;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly lastError: string | null;
}

/** Deliveries in, exactly once, in order of arrival. */
export interface Inbox {
  /** Resolves once the delivery is on disk; `duplicate` when its GUID is known. */
  insert(delivery: Delivery): Promise<"stored" | "duplicate">;
  /**
   * The oldest deliveries of a repository (null: those without one) that are not decided, in order of arrival; with
   * `event`, only those of that event.
   */
  next(repositoryId: number | null, limit: number, event?: string): Promise<readonly Delivery[]>;
  /** Repositories (null: none) with deliveries that have no outcome. */
  pending(): Promise<readonly (number | null)[]>;
  /**
   * Writes the outcomes, in order, with all that follows from them: sightings, the decided commits, cancellations,
   * holds, releases, then new deployments, and `superseded` for those still queued or waiting in their lanes (a refused
   * one supersedes nothing, and a waiting one only those that wait). So at most one deployment of a lane waits, behind
   * at most one that is queued. What waits for a hold that counts no more is released, or waits for the one that does;
   * what nobody asked for waits where a hold counts by now.
   * Returns the deployments made or released. Does nothing for a delivery that is decided.
   */
  decide(decisions: readonly Decision[]): Promise<readonly Deployment[]>;
  /** Deletes the payloads of deliveries decided before that time; returns how many. Their GUIDs stay known. */
  forgetPayloads(before: number): Promise<number>;
  /** The outcomes of one delivery so far, in the order decided. */
  outcomes(deliveryGuid: string): Promise<readonly IntentRecord[]>;
}

/** Deployments, their leases, journals and transitions. */
export interface Deployments {
  get(id: string): Promise<Deployment | null>;
  /** Newest first. */
  list(filter: {
    readonly lane?: string;
    readonly states?: readonly DeploymentState[];
    readonly limit: number;
  }): Promise<readonly Deployment[]>;
  /** Lanes with something to do now: queued ones, and running ones whose lease has run out. */
  lanesWithWork(now: number): Promise<readonly string[]>;
  /**
   * Takes the lane's next deployment and makes it `running`: the interrupted one if there is one, else the queued
   * one. Null when the lane is empty or busy. At most one claim of a lane is valid at a time.
   */
  claim(request: {
    readonly lane: string;
    readonly owner: string;
    readonly now: number;
    readonly leaseMs: number;
  }): Promise<Claim | null>;
  /** Extends the lease; throws `lease_lost` when somebody else holds the deployment now. */
  renew(lease: Lease, expiresAt: number): Promise<void>;
  /** Ends every lease that `owner` does not hold: for the start of a process that alone owns the store. */
  expireLeasesOfOthers(owner: string, now: number): Promise<number>;
  /** Changes the record (and its state, with a transition) under the lease; throws `lease_lost` with an old one. */
  update(
    lease: Lease,
    change: { readonly patch: DeploymentPatch; readonly reason: string; readonly at: number },
  ): Promise<Deployment>;
  /**
   * Ends a run: final patch, environment and lease in one transaction. A rollback that touched nothing (`refused`,
   * `cancelled`, `superseded` or `failed`) takes its hold with it: the hold from before counts again, or what waited is
   * queued. So does a hold that was lifted by a deployment that touched nothing, unless a newer one was let through.
   */
  finish(
    lease: Lease,
    change: {
      readonly patch: DeploymentPatch & { readonly state: DeploymentState };
      readonly reason: string;
      readonly at: number;
      /** Set when the environment now runs this release. */
      readonly desiredReleaseId: string | null;
    },
  ): Promise<Deployment>;
  /** Gives a deployment back to its lane unfinished, as it stands: for a shutdown. */
  handBack(lease: Lease): Promise<void>;
  journal(deploymentId: string): Promise<readonly JournalEntry[]>;
  record(lease: Lease, entry: JournalEntry): Promise<void>;
  transitions(deploymentId: string): Promise<readonly Transition[]>;
}

/** Environments, builds and releases. */
export interface Catalog {
  environment(key: EnvironmentKey): Promise<EnvironmentRecord | null>;
  environmentsOf(repositoryId: number): Promise<readonly EnvironmentRecord[]>;
  /** Claims a stack name for an environment; false when another environment owns it. */
  claimStack(name: string, key: EnvironmentKey): Promise<boolean>;
  /**
   * How a pull request stood when a comment was written: the first sighting of all, or the newest one from before
   * `before` (GitHub's clock has whole seconds, so one of the same second may be later). Null when it was never seen by
   * then.
   */
  pullRequest(key: ConversationKey, before: number): Promise<PullRequestSighting | null>;
  build(key: string): Promise<Build | null>;
  saveBuild(build: Build): Promise<void>;
  release(id: string): Promise<Release | null>;
  saveRelease(release: Release): Promise<void>;
}

/** The reporter's outbox: deployments whose GitHub side is behind their record. */
export interface Outbox {
  /** Reports that are behind and due, oldest first; each is reserved for `reserveMs`. */
  take(request: {
    readonly now: number;
    readonly limit: number;
    readonly reserveMs: number;
  }): Promise<readonly Report[]>;
  get(deploymentId: string): Promise<Report>;
  save(report: Report): Promise<void>;
  /** When the next report is due, in milliseconds since the epoch; null when none is behind. */
  nextDueAt(): Promise<number | null>;
}

/** Operator sessions: a one-time code becomes a cookie. Only hashes are stored. */
export interface Sessions {
  addCode(codeHash: string, expiresAt: number): Promise<void>;
  /** True exactly once for a code that has not run out. */
  redeemCode(codeHash: string, now: number): Promise<boolean>;
  addSession(sessionHash: string, expiresAt: number): Promise<void>;
  hasSession(sessionHash: string, now: number): Promise<boolean>;
}

/** The truth. Every method is atomic and durable when its promise resolves. */
export interface Store {
  readonly inbox: Inbox;
  readonly deployments: Deployments;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly conversations: Conversations;
  readonly sessions: Sessions;
  /** Calls `listener` after each committed transition of this process. Returns the way to stop. */
  onTransition(listener: (transition: Transition) => void): () => void;
  close(): Promise<void>;
}
