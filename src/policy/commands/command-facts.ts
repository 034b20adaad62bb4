import type { Annotation, Deployment, Hold } from "../../deployment.ts";
import type { Release } from "../../release.ts";
import type { EnvironmentKey } from "../../store/ports.ts";
import type { Role } from "../ports.ts";
import type { Commit } from "./find-commit.ts";
import type { Refusal } from "./refusal.ts";
import type { Place } from "../known-places.ts";

/** What a line of a comment is decided on. */
export interface CommandFacts {
  /** Of who wrote it. */
  readonly role: Role;
  /** Whether they were refused for lack of rights on this pull request before. */
  readonly wasTurnedAway: boolean;
  readonly asked: AskedFacts;
}

/** What a command needs to know, once who wrote it may command. */
export type AskedFacts =
  /** The role or the line itself decides. */
  | { readonly kind: "not_looked_up" }
  /** What it names does not exist, or must not be used. */
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | {
      readonly kind: "shown";
      readonly what: "status" | "history" | "help";
      readonly environment: string | null;
    }
  | DeployFacts
  | RollbackFacts
  | ResumeFacts
  | CancelFacts
  | RetryCommandFacts;

/** What `/deploy` is decided on. */
export interface DeployFacts {
  readonly kind: "deploy";
  readonly commit: Commit;
  readonly place: Place;
  /** Problems of the configuration; when there are any, nothing is deployed. */
  readonly problems: readonly Annotation[];
  /** Remarks on the configuration that stop nothing. */
  readonly warnings: readonly Annotation[];
}

/** A release, and the deployment that first made it run. */
export interface Ran {
  readonly release: Release;
  readonly deployment: Deployment;
}

/** What going back is decided on. */
export interface RollbackFacts {
  readonly kind: "rollback";
  readonly target: Ran;
  readonly place: Place;
  /** Services whose image was built here and is gone from the engine, or is another one. */
  readonly goneImages: readonly string[];
}

/** What `/resume` is decided on. */
export interface ResumeFacts {
  readonly kind: "resume";
  readonly key: EnvironmentKey;
  readonly hold: Hold | null;
  /** What waits for the hold to be lifted. */
  readonly waiting: Deployment | null;
}

/** What `/cancel` is decided on. */
export interface CancelFacts {
  readonly kind: "cancel";
  readonly environment: string;
  /** The newest deployment that is not over. */
  readonly newest: Deployment | null;
}

/** What `/retry` is decided on. */
export interface RetryCommandFacts {
  readonly kind: "retry";
  readonly place: Place;
  /** The newest deployment that neither waits nor was superseded. */
  readonly newest: Deployment | null;
  /** Services of its release whose image is gone, when it is a rollback. */
  readonly goneImages: readonly string[];
}
