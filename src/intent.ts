import type { Command } from "./command.ts";
import type { RepositoryRef } from "./deployment.ts";
import type { ErrorCode } from "./errors.ts";

interface IntentBase {
  readonly repository: RepositoryRef;
  /** GitHub login of who caused it. */
  readonly actor: string;
  /** GUID of the delivery it came from. */
  readonly deliveryGuid: string;
}

/** A push to a branch. */
export interface PushIntent extends IntentBase {
  readonly kind: "push";
  readonly sha: string;
  /** Full ref, e.g. `refs/heads/main`. */
  readonly ref: string;
  readonly before: string;
  /** Whether the push replaced commits instead of adding some. */
  readonly isForced: boolean;
  /** First line of the head commit's message; hostile text. */
  readonly title: string;
  readonly defaultBranch: string;
}

/** A new tag, or a release published at one. */
export interface TagIntent extends IntentBase {
  readonly kind: "tag";
  readonly cause: "push" | "release";
  /** The tag's name, e.g. `v1.9.0`; hostile text. */
  readonly tag: string;
  /** The commit it names; null when the event does not say, as with releases. */
  readonly sha: string | null;
  /** First line of the commit's message, if the event tells; hostile text. */
  readonly title: string | null;
  readonly defaultBranch: string;
}

/** A GitHub deployment that somebody else made for one of the environments. */
export interface GitHubDeploymentIntent extends IntentBase {
  readonly kind: "github_deployment";
  readonly githubDeploymentId: number;
  readonly sha: string;
  /** What its maker named: a branch, a tag or a SHA; hostile text. */
  readonly ref: string;
  /** Hostile text. */
  readonly environment: string;
  /** Hostile text. */
  readonly description: string;
  /** Whether its maker is an App or a workflow and not a person. */
  readonly isBot: boolean;
  readonly defaultBranch: string;
}

/** A person's wish to run a finished deployment again, same commit. */
export interface RetryIntent extends IntentBase {
  readonly kind: "retry";
  /** `external_id` of the check run whose button was pressed: the id of the deployment to repeat. */
  readonly deploymentId: string;
  readonly sha: string;
  readonly defaultBranch: string;
}

/** A person's wish, by a check run's button, to go back to what ran before a deployment. */
export interface RollBackIntent extends IntentBase {
  readonly kind: "roll_back";
  /** `external_id` of the check run whose button was pressed. */
  readonly deploymentId: string;
  readonly defaultBranch: string;
}

/** A comment that holds commands. */
export interface CommandComment {
  readonly repository: RepositoryRef;
  /** Number of the pull request. */
  readonly number: number;
  readonly commentId: number;
  /** GitHub login of who wrote it. */
  readonly actor: string;
  /** GitHub's time, in milliseconds since the epoch (whole seconds). */
  readonly createdAt: number;
}

/** One line of a comment that is a command, or nearly one. */
export interface CommandIntent extends IntentBase {
  readonly kind: "command";
  readonly comment: CommandComment;
  /** Line of the comment, from 1. */
  readonly line: number;
  /** The line as typed; hostile text. */
  readonly text: string;
  readonly asked: AskedLine;
  readonly isPullRequestOpen: boolean;
  readonly defaultBranch: string;
}

/** What a line asks for, or what is wrong with it. */
export type AskedLine =
  | { readonly kind: "command"; readonly command: Command }
  | {
      readonly kind: "reply";
      readonly code: ErrorCode;
      readonly message: string;
      readonly suggestion: string | null;
    };

/** What somebody or something asked for, as plain data. */
export type Intent =
  PushIntent | TagIntent | GitHubDeploymentIntent | RetryIntent | RollBackIntent | CommandIntent;

/** What a `pull_request` event told of a pull request. */
export interface PullRequestSighting {
  readonly repositoryId: number;
  readonly number: number;
  readonly headSha: string;
  /** Whether its head lies in another repository. */
  readonly isFork: boolean;
  readonly isOpen: boolean;
  /** GitHub's time of the event, in milliseconds since the epoch (whole seconds). */
  readonly at: number;
}

/** What a delivery was found to ask for, or to tell, or why it asks for nothing. */
export type Decoded =
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "sighting"; readonly sighting: PullRequestSighting }
  | { readonly kind: "ignored"; readonly code: ErrorCode; readonly message: string };
