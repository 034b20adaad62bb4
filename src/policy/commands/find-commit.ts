import { quote } from "../../commands/quote.ts";
import type { PullRequestSighting } from "../../intent.ts";
import type { Resolved } from "../../source/ports.ts";
import { deployLine } from "./command-lines.ts";
import { refusal, type Refusal } from "./refusal.ts";

/** A commit of the repository that somebody wants to deploy. `title` is hostile text. */
export interface Commit {
  readonly sha: string;
  readonly ref: string;
  readonly version: string;
  readonly title: string;
  /** The pull request whose head it must still be when the run starts; null when it was named. */
  readonly headOf: number | null;
}

/** The commit, or why there is none to deploy. */
export type Finding =
  | { readonly kind: "commit"; readonly commit: Commit }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The head of a pull request, as it was and as it is. */
export interface HeadFacts {
  readonly number: number;
  readonly isOpen: boolean;
  /** How it stood when the comment was written; null when nobody knows. */
  readonly sighting: PullRequestSighting | null;
  /** Its head now; null when there is none. */
  readonly current: string | null;
  /** What `current` is in the repository. */
  readonly resolved: Resolved;
}

const SHORT = 7;

/**
 * The pull request's head, when it is open, of this repository, and still the commit that it was when the command was
 * written. Pure.
 */
export function findHead(facts: HeadFacts, environment: string): Finding {
  const { number, isOpen, sighting, current, resolved } = facts;
  const name = `/deploy ${environment} at`;
  if (!isOpen) {
    const message = "this pull request is closed, so its head is not deployed";
    const nextStep = `Name what to deploy: \`${name} <branch, tag or commit>\`.`;
    return refuse(refusal("pull_request_closed", message, nextStep));
  }
  if (sighting?.isFork) {
    const message = "this pull request comes from a fork, and commits of forks are not deployed";
    const nextStep = "Push the commits to a branch of this repository.";
    return refuse(refusal("fork_refused", message, nextStep));
  }
  const isOurs = current !== null && resolved.kind === "found" && resolved.sha === current;
  if (sighting === null)
    return refuse(headUnknown(isOurs ? deployLine(environment, current) : null, name));
  if (current === null) return refuse(headUnknown(null, name));
  if (sighting.headSha !== current) {
    const message = `the head of this pull request was ${sighting.headSha} when the command was written, and is ${current} now`;
    const nextStep = "Look at the new commits, then write the command again.";
    return refuse(refusal("ref_changed", message, nextStep, deployLine(environment, current)));
  }
  if (!isOurs) return refuse(notHere(current));
  const { title } = resolved;
  const ref = `refs/pull/${number}/head`;
  const version = current.slice(0, SHORT);
  return { kind: "commit", commit: { sha: current, ref, version, title, headOf: number } };
}

/** The commit that a name means in the repository. Pure. */
export function findNamed(name: string, resolved: Resolved, environment: string): Finding {
  switch (resolved.kind) {
    case "unknown":
      return refuse(unknown(name));
    case "foreign":
      return refuse(notHere(resolved.sha));
    case "ambiguous":
      return refuse(ambiguous(name, resolved.candidates, environment));
    case "found":
      return findRef(name, resolved, environment);
  }
}

function findRef(
  name: string,
  { sha, ref, title }: Extract<Resolved, { kind: "found" }>,
  environment: string,
): Finding {
  // A branch can be called like a commit, and mean another one.
  if (/^[0-9a-f]{40}$/iu.test(name) && name.toLowerCase() !== sha) {
    return refuse(ambiguous(name, ref === null ? [sha] : [ref, sha], environment));
  }
  if (ref === null) {
    return commitOf({ sha, ref: sha, version: sha.slice(0, SHORT), title });
  }
  const [, tag] = /^refs\/tags\/(.+)$/u.exec(ref) ?? [];
  // The head of a pull request may be a fork's, by whatever name it is reached.
  if (tag === undefined && !ref.startsWith("refs/heads/")) return refuse(unknown(name));
  return commitOf({ sha, ref, version: tag ?? sha.slice(0, SHORT), title });
}

function commitOf(commit: Omit<Commit, "headOf">): Finding {
  return { kind: "commit", commit: { ...commit, headOf: null } };
}

function refuse(refused: Refusal): Finding {
  return { kind: "refused", refusal: refused };
}

function headUnknown(suggestion: string | null, name: string): Refusal {
  return refusal(
    "head_unknown",
    "it is not known which commit was this pull request's head before the command was written",
    `Name the commit: \`${suggestion ?? `${name} <sha>`}\`.`,
    suggestion,
  );
}

function notHere(sha: string): Refusal {
  return refusal(
    "commit_not_in_repository",
    `commit ${sha} is in no branch and no tag of this repository; it may be a fork's`,
    "Push it to a branch of this repository, and name that.",
  );
}

function unknown(name: string): Refusal {
  const message = `this repository has no branch, tag or commit ${quote(name)}`;
  return refusal("ref_unknown", message, "Check the name; a commit needs at least 7 digits.");
}

function ambiguous(name: string, candidates: readonly string[], environment: string): Refusal {
  const lines = candidates.map((candidate) => {
    const line = deployLine(environment, candidate);
    return line === null ? quote(candidate) : `\`${line}\``;
  });
  const message = `${quote(name)} means several commits: ${lines.join(", ")}`;
  return refusal("ref_ambiguous", message, "Write the one that is meant.");
}
