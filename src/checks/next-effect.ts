import type { Deployment } from "../deployment.ts";
import { isFinal } from "../deployment.ts";
import type { Report } from "../store/ports.ts";
import type { CheckRunContent, DeploymentStatusContent, GitHubDeploymentContent } from "./ports.ts";
import type { Projection } from "./projection.ts";
import { type Channel, fingerprint, fingerprintCheckRun, readSent, unsureSince } from "./sent.ts";

/** One thing to do on GitHub. Contents of check runs carry only the annotations that this effect appends. */
export type Effect =
  | { readonly kind: "create_check_run"; readonly content: CheckRunContent }
  | { readonly kind: "update_check_run"; readonly id: number; readonly content: CheckRunContent }
  | { readonly kind: "append_annotations"; readonly id: number; readonly content: CheckRunContent }
  | { readonly kind: "create_deployment"; readonly content: GitHubDeploymentContent }
  | { readonly kind: "find_deployment" }
  | {
      readonly kind: "create_status";
      readonly githubDeploymentId: number;
      readonly content: DeploymentStatusContent;
    };

/** What follows from comparing what GitHub shows with what it should show. */
export type Next =
  | { readonly kind: "effect"; readonly effect: Effect; readonly isProgress: boolean }
  | { readonly kind: "later"; readonly at: number }
  | { readonly kind: "nothing" };

/** What the decision is made from. */
export interface Situation {
  readonly deployment: Deployment;
  readonly projection: Projection;
  readonly report: Report;
  readonly now: number;
  /** Channels that this pass leaves alone. */
  readonly setAside: ReadonlySet<Channel>;
}

/** GitHub takes so many annotations in one request. */
const ANNOTATIONS_PER_REQUEST = 50;
/** While the state stays the same, the check run is edited at most this often. */
export const PROGRESS_INTERVAL_MS = 60_000;
/** A queued deployment is mostly started at once; its first report waits so long to begin with `running`. */
const SETTLE_MS = 300;

/** What was begun and not seen to end is looked for after this: before, GitHub may still be at it. */
const UNSURE_MS = 3_000;

const NOTHING: Next = { kind: "nothing" };

/** The GitHub deployment that tells of a deployment: the one that asked for it, else Skep's own, once there is one. */
export function githubDeploymentOf(deployment: Deployment, report: Report): number | null {
  return deployment.githubDeploymentId ?? report.githubDeploymentId;
}

/** The channel that an effect belongs to. */
export function channelOf(effect: Effect): Channel {
  switch (effect.kind) {
    case "create_check_run":
    case "update_check_run":
    case "append_annotations":
      return "check_run";
    case "create_deployment":
    case "find_deployment":
    case "create_status":
      return "deployment";
  }
}

/**
 * Decides the next thing to do: the check run is made first, then the GitHub deployment and its status, then the
 * check run is brought up to date. A change of state is sent at once, progress within one at most once a minute.
 */
export function nextEffect(situation: Situation): Next {
  const next = decide(situation);
  if (next.kind !== "effect") return next;
  const { kind } = next.effect;
  const made = kind === "find_deployment" ? "create_deployment" : kind;
  const knownAt = (unsureSince(situation.report, made) ?? 0) + UNSURE_MS;
  if (knownAt <= situation.now) return next;
  const setAside = new Set([...situation.setAside, channelOf(next.effect)]);
  const meanwhile = nextEffect({ ...situation, setAside });
  return meanwhile.kind === "effect" ? meanwhile : { kind: "later", at: knownAt };
}

function decide(situation: Situation): Next {
  const { deployment, report, now } = situation;
  const settledAt = deployment.createdAt + SETTLE_MS;
  const isUnseen = report.checkRunId === null && report.aboutTo.length === 0;
  if (deployment.state === "queued" && isUnseen && now < settledAt) {
    return { kind: "later", at: settledAt };
  }
  if (report.checkRunId === null && isOpen(situation, "check_run")) {
    const content = withAnnotations(situation.projection.checkRun, 0);
    return effectNow({ kind: "create_check_run", content });
  }
  const onDeployment = nextOnDeployment(situation);
  return onDeployment.kind === "nothing" ? nextOnCheckRun(situation) : onDeployment;
}

function isOpen({ deployment, report, setAside }: Situation, channel: Channel): boolean {
  return !setAside.has(channel) && readSent(report).refused[channel] !== deployment.state;
}

function nextOnDeployment(situation: Situation): Next {
  const { deployment, projection, report } = situation;
  if (!isOpen(situation, "deployment")) return NOTHING;
  const githubDeploymentId = githubDeploymentOf(deployment, report);
  if (githubDeploymentId === null) {
    if (projection.deployment !== null) {
      return effectNow({ kind: "create_deployment", content: projection.deployment });
    }
    // It may have been made just before a crash; it must not stay in progress for ever.
    return report.aboutTo.includes("create_deployment")
      ? effectNow({ kind: "find_deployment" })
      : NOTHING;
  }
  if (readSent(report).status === fingerprint(projection.status)) return NOTHING;
  return effectNow({
    kind: "create_status",
    githubDeploymentId,
    content: projection.status,
  });
}

function nextOnCheckRun(situation: Situation): Next {
  const { deployment, projection, report, now } = situation;
  const id = report.checkRunId;
  if (id === null || !isOpen(situation, "check_run")) return NOTHING;
  const sent = readSent(report);
  const content = withAnnotations(projection.checkRun, sent.annotations);
  if (content.annotations.length > 0) {
    return effectNow({ kind: "append_annotations", id, content });
  }
  if (sent.checkRun === fingerprintCheckRun(content)) return NOTHING;
  const isProgress = !isFinal(deployment.state) && sent.state === deployment.state;
  const allowedAt = isProgress ? (sent.editedAt ?? 0) + PROGRESS_INTERVAL_MS : now;
  if (allowedAt > now) return { kind: "later", at: allowedAt };
  return { kind: "effect", effect: { kind: "update_check_run", id, content }, isProgress };
}

function withAnnotations(content: CheckRunContent, alreadySent: number): CheckRunContent {
  const end = alreadySent + ANNOTATIONS_PER_REQUEST;
  return { ...content, annotations: content.annotations.slice(alreadySent, end) };
}

function effectNow(effect: Effect): Next {
  return { kind: "effect", effect, isProgress: false };
}
