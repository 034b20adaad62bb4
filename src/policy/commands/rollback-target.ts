import { quote } from "../../commands/quote.ts";
import type { Deployment } from "../../deployment.ts";
import type { Release } from "../../release.ts";
import type { Ran } from "./command-facts.ts";
import { rollbackLine } from "./command-lines.ts";
import { refusal, type Refusal } from "./refusal.ts";
import { releasesBefore } from "./release-line.ts";

/** What has run in an environment. */
export interface RunHistory {
  readonly environment: string;
  /** Each success with its release, newest first. */
  readonly runs: readonly Ran[];
  /** The release that the environment shall run; null when nothing has run yet. */
  readonly current: Release | null;
  /**
   * Whether something else than `current` may run there: a deployment is on its way, or could not be undone. Going back
   * to `current` means something then.
   */
  readonly isUnsettled: boolean;
}

/** The release to go back to, or why there is none. */
export type Target =
  | { readonly kind: "found"; readonly ran: Ran }
  | { readonly kind: "refused"; readonly refusal: Refusal };

const MOST_LISTED = 5;
const MOST_CANDIDATES = 10;

/** Whether what runs in an environment is not surely the release that it shall run, by its newest deployment. */
export function isUnsettled(newest: Deployment | null): boolean {
  if (newest === null) return false;
  const isOnItsWay = newest.state === "running" || newest.state === "rolling_back";
  // A rollback on its way is left out, so that saying `/rollback` twice does not go back to what was fled from.
  return newest.state === "rollback_failed" || (isOnItsWay && newest.kind === "deploy");
}

/**
 * The release that `target` names among those that ran: a version, the beginning of a commit, or a number of releases to
 * go back (null is one). A version wins over a number. Pure.
 */
export function findTarget(history: RunHistory, target: string | null): Target {
  const { current, environment } = history;
  if (current === null) {
    const message = `nothing has run in ${environment} yet`;
    return refuse(refusal("nothing_to_roll_back", message, deployInstead(environment)));
  }
  if (target === null) return stepBack(history, current, 1);
  const exact = history.runs.filter(({ release }) => release.version === target);
  if (exact.length > 0) return findOne(history, current, { target, matches: exact });
  if (/^[1-9]\d?$/u.test(target)) return stepBack(history, current, Number(target));
  const twin = target.startsWith("v") ? target.slice(1) : `v${target}`;
  const twins = history.runs.filter(({ release }) => release.version === twin);
  if (twins.length > 0) return findOne(history, current, { target, matches: twins });
  const prefix = target.toLowerCase();
  const isPrefix = /^[0-9a-f]{4,40}$/u.test(prefix);
  const matches = history.runs.filter(({ release }) => isPrefix && release.sha.startsWith(prefix));
  return matches.length > 0
    ? findOne(history, current, { target, matches })
    : refuse(unknown(history, target));
}

/** The release that ran `count` distinct releases before the one that runs. */
function stepBack(history: RunHistory, current: Release, count: number): Target {
  const { environment, runs } = history;
  const before = releasesBefore(runs, current);
  const own = history.isUnsettled ? runs.find(({ release }) => release.id === current.id) : null;
  const line = own ? [...before, own] : before;
  const ran = line.at(-count);
  if (ran) return found(runs, ran);
  const message =
    line.length > 0
      ? `only ${line.length === 1 ? "one release" : `${line.length} releases`} led up to the one that runs in ${environment}`
      : `nothing ran in ${environment} before the release that runs`;
  return refuse(refusal("nothing_to_roll_back", message, showHistory(environment)));
}

function findOne(
  history: RunHistory,
  current: Release,
  { target, matches }: { readonly target: string; readonly matches: readonly Ran[] },
): Target {
  const { environment, runs } = history;
  const [newest] = matches;
  if (newest === undefined) return refuse(unknown(history, target));
  const shas = [...new Set(matches.map(({ release }) => release.sha))];
  if (shas.length > 1) return refuse(ambiguous(environment, target, shas));
  const { id, sha, version } = newest.release;
  const isCurrent = id === current.id || (sha === current.sha && version === current.version);
  if (!isCurrent || history.isUnsettled) return found(runs, newest);
  const message = `${quote(version)} is what runs in ${environment} already`;
  return refuse(refusal("release_running", message, showHistory(environment)));
}

/** The release, with the deployment that first made it run. */
function found(runs: readonly Ran[], ran: Ran): Target {
  const first = runs.findLast(({ release }) => release.id === ran.release.id);
  return { kind: "found", ran: first ?? ran };
}

function refuse(refused: Refusal): Target {
  return { kind: "refused", refusal: refused };
}

function unknown({ environment, runs }: RunHistory, target: string): Refusal {
  const versions = [...new Set(runs.map(({ release }) => release.version))];
  const last = versions.slice(0, MOST_LISTED).map(quote).join(", ");
  const message = `no release ${quote(target)} ran in ${environment}; the last that ran: ${last}`;
  return refusal("version_unknown", message, showHistory(environment));
}

function ambiguous(environment: string, target: string, shas: readonly string[]): Refusal {
  const lines = shas.slice(0, MOST_CANDIDATES).map((sha) => {
    const line = rollbackLine(environment, sha);
    return line === null ? sha : `\`${line}\``;
  });
  const message = `${quote(target)} means several releases: ${lines.join(", ")}`;
  return refusal("ref_ambiguous", message, "Write the one that is meant.");
}

function showHistory(environment: string): string {
  return `\`/history ${environment}\` shows what ran.`;
}

function deployInstead(environment: string): string {
  return `\`/deploy ${environment}\` deploys there.`;
}
