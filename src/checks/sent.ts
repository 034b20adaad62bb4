import { createHash } from "node:crypto";
import type { DeploymentState } from "../deployment.ts";
import type { Report } from "../store/ports.ts";
import type { CheckRunContent, DeploymentStatusContent } from "./ports.ts";

/** The two sides of GitHub that a report goes to; trouble with one does not keep it from the other. */
export type Channel = "check_run" | "deployment";

/** What GitHub was last made to show, read back from a report. */
export interface Sent {
  /** Fingerprint of the check run without its annotations; null when there is none yet. */
  readonly checkRun: string | null;
  /** How many annotations were appended. */
  readonly annotations: number;
  /** State that the check run shows. */
  readonly state: string | null;
  /** When the check run was last written, in milliseconds since the epoch. */
  readonly editedAt: number | null;
  /** Fingerprint of the newest deployment status. */
  readonly status: string | null;
  /** State in which GitHub refused a channel for good. */
  readonly refused: Readonly<Record<Channel, string | null>>;
}

/** Reads what a report says was sent. */
export function readSent({ sent }: Report): Sent {
  const text = (key: string): string | null => sent[key] ?? null;
  return {
    checkRun: text("check_run"),
    annotations: Number(text("annotations") ?? 0),
    state: text("state"),
    editedAt: text("edited_at") === null ? null : Number(text("edited_at")),
    status: text("status"),
    refused: { check_run: text("refused_check_run"), deployment: text("refused_deployment") },
  };
}

/** The report just before an effect that must not happen twice. */
export function withAboutTo(report: Report, kind: string, at: number): Report {
  const marked = withSent(report, { [`begun_${kind}`]: String(at) });
  return { ...marked, aboutTo: [...report.aboutTo.filter((other) => other !== kind), kind] };
}

/** When an effect was begun that is not known to have ended, in milliseconds since the epoch; null when it is none. */
export function unsureSince({ sent, aboutTo }: Report, kind: string): number | null {
  return aboutTo.includes(kind) ? Number(sent[`begun_${kind}`] ?? 0) : null;
}

/** The report after the check run was written, with so many annotations appended in all. */
export function withCheckRunSent(
  report: Report,
  content: CheckRunContent,
  written: {
    readonly state: DeploymentState;
    readonly annotations: number;
    readonly at: number;
  },
): Report {
  return withSent(report, {
    check_run: fingerprintCheckRun(content),
    state: written.state,
    annotations: String(written.annotations),
    edited_at: String(written.at),
  });
}

/** The report after it was learned how many annotations the check run has. */
export function withAnnotationsSeen(report: Report, annotations: number): Report {
  return withSent(report, { annotations: String(annotations) });
}

/** The report after a deployment status was written. */
export function withStatusSent(report: Report, content: DeploymentStatusContent): Report {
  return withSent(report, { status: fingerprint(content) });
}

/** The report after GitHub refused a channel for good; it is tried again in another state only. */
export function withRefusal(report: Report, channel: Channel, state: DeploymentState): Report {
  return withSent(report, { [`refused_${channel}`]: state });
}

/** Stands for a check run's content, its annotations left out: those are appended and counted. */
export function fingerprintCheckRun(content: CheckRunContent): string {
  return fingerprint({ ...content, annotations: [] });
}

/** A short text that is equal for equal contents. */
export function fingerprint(content: object): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 22);
}

function withSent(report: Report, change: Readonly<Record<string, string>>): Report {
  return { ...report, sent: { ...report.sent, ...change } };
}
