import type { Clock } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { withFaults, type Faults } from "../faults.ts";
import type { Outbox, Report } from "../store/ports.ts";
import type { Effect } from "./next-effect.ts";
import type { GitHub } from "./ports.ts";
import {
  readSent,
  withAboutTo,
  withAnnotationsSeen,
  withCheckRunSent,
  withStatusSent,
} from "./sent.ts";

/** What an effect needs. */
export interface EffectDeps {
  readonly outbox: Outbox;
  readonly github: GitHub;
  readonly clock: Clock;
  readonly faults: Faults;
}

/** One effect and what it is for. */
export interface EffectRequest {
  readonly deployment: Deployment;
  readonly report: Report;
  readonly effect: Effect;
}

/** Effects that must not happen twice. Updating a check run without annotations may. */
const JOURNALLED: readonly Effect["kind"][] = [
  "create_check_run",
  "append_annotations",
  "create_deployment",
  "create_status",
];

/**
 * Does one thing on GitHub and returns the saved report that knows of it. What an earlier run may have done already
 * is looked up first; when it is found, nothing is done and the report says so.
 */
export async function performEffect(deps: EffectDeps, request: EffectRequest): Promise<Report> {
  const { outbox, github } = deps;
  const { effect, deployment } = request;
  let { report } = request;
  if (effect.kind === "find_deployment") {
    const found = await github.findDeployment(deployment.repository, wantedDeployment(deployment));
    return save(outbox, settled({ ...report, githubDeploymentId: found }, "create_deployment"));
  }
  if (report.aboutTo.includes(effect.kind)) {
    const found = await lookUp(deps, request);
    if (found) return save(outbox, settled(found, effect.kind));
  }
  if (JOURNALLED.includes(effect.kind)) {
    report = await save(outbox, withAboutTo(report, effect.kind, deps.clock.now()));
  }
  const moment = (): Promise<void> => deps.clock.sleep(5);
  const act = (): Promise<Report> => carryOut(deps, { ...request, report });
  const done = await withFaults(deps.faults, effect.kind, moment, act);
  return save(outbox, settled(done, effect.kind));
}

/** The report without an effect among those whose outcome is unknown. */
export function settled(report: Report, kind: Effect["kind"]): Report {
  return { ...report, aboutTo: report.aboutTo.filter((other) => other !== kind) };
}

async function save(outbox: Outbox, report: Report): Promise<Report> {
  await outbox.save(report);
  return report;
}

function wantedDeployment({ id, sha, environment }: Deployment) {
  return { sha, environment, deploymentId: id };
}

async function carryOut(deps: EffectDeps, request: EffectRequest): Promise<Report> {
  const { github, clock } = deps;
  const { effect, report, deployment } = request;
  const { repository, state } = deployment;
  switch (effect.kind) {
    case "create_check_run": {
      const { content } = effect;
      const id = await github.createCheckRun(repository, content);
      const written = { state, annotations: content.annotations.length, at: clock.now() };
      return withCheckRunSent({ ...report, checkRunId: id }, content, written);
    }
    case "update_check_run":
    case "append_annotations": {
      const { id, content } = effect;
      await github.updateCheckRun(repository, id, content);
      const annotations = readSent(report).annotations + content.annotations.length;
      return withCheckRunSent(report, content, { state, annotations, at: clock.now() });
    }
    case "create_deployment": {
      const id = await github.createDeployment(repository, effect.content);
      return { ...report, githubDeploymentId: id };
    }
    case "create_status": {
      await github.createDeploymentStatus(repository, effect.githubDeploymentId, effect.content);
      return withStatusSent(report, effect.content);
    }
    case "find_deployment":
      return report;
  }
}

/** The report with what an earlier run turns out to have done, or null when it did not. */
async function lookUp(deps: EffectDeps, request: EffectRequest): Promise<Report | null> {
  const { github } = deps;
  const { effect, report, deployment } = request;
  const { repository } = deployment;
  switch (effect.kind) {
    case "create_check_run":
    case "append_annotations": {
      const found = await github.findCheckRun(repository, effect.content);
      if (found === null) return null;
      const isNew = found.annotations !== readSent(report).annotations;
      if (effect.kind === "append_annotations" && !isNew) return null;
      return withAnnotationsSeen({ ...report, checkRunId: found.id }, found.annotations);
    }
    case "create_deployment": {
      const id = await github.findDeployment(repository, effect.content);
      return id === null ? null : { ...report, githubDeploymentId: id };
    }
    case "create_status": {
      const { githubDeploymentId, content } = effect;
      const latest = await github.latestDeploymentStatus(repository, githubDeploymentId);
      const isSent = latest?.state === content.state && latest.description === content.description;
      return isSent ? withStatusSent(report, content) : null;
    }
    case "update_check_run":
    case "find_deployment":
      return null;
  }
}
