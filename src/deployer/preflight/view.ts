import type { ErrorCode } from "../../errors.ts";
import type { ReleaseService } from "../../release.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { STACK_LABELS } from "../../swarm-objects.ts";
import type { PlannedService } from "../plan/stack-plan.ts";
import type { PreflightFinding } from "./finding.ts";
import type { PreflightRequest } from "./request.ts";

/** What every check of one preflight shares. */
export interface PreflightView extends PreflightRequest {
  /** Those that something is done about, with what they are in the release. */
  readonly changing: readonly ChangingService[];
  report(finding: PreflightFinding): void;
}

/** A service that is created or changed. */
export interface ChangingService {
  readonly key: string;
  readonly release: ReleaseService;
  readonly planned: PlannedService;
  /** Whether tasks that run are replaced by new ones. */
  readonly isReplacing: boolean;
}

/** Keeps what makes the plan impossible. */
export function fail(
  view: PreflightView,
  finding: { code: ErrorCode; key: string; summary: string; nextStep: string },
): void {
  view.report({ level: "failure", ...finding });
}

/** Keeps what somebody should look at. */
export function warn(
  view: PreflightView,
  finding: { code: ErrorCode; key: string; summary: string; nextStep: string },
): void {
  view.report({ level: "warning", ...finding });
}

/** The stack that something says to be part of; null for none. */
export function stackOf(object: { readonly Labels: ServiceSpec["Labels"] }): string | null {
  return object.Labels[STACK_LABELS.namespace] ?? null;
}

/** How to call what belongs to a stack or to none. */
export function whose(stack: string | null): string {
  return stack === null ? "no stack" : `the stack ${stack}`;
}
