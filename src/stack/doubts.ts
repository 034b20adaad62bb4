import type { DraftService, StackDraft } from "../release.ts";
import { modeOf, type ContainerSpec } from "../swarm-objects.ts";
import type { ConvertRemark } from "./convert/conversion.ts";

/** What `docker stack deploy` does without a word, and nobody means. */
export interface Doubts {
  /** What would never come to an end. */
  readonly problems: readonly ConvertRemark[];
  /** What works, but probably not as meant. */
  readonly doubts: readonly ConvertRemark[];
}

const NANOSECONDS = 1_000_000_000;
const LONGEST_MONITOR_S = 3_600;

/**
 * What is not to be deployed, or doubtful, about a stack that could be. `appPath` is the folder whose changes deploy it.
 * Pure.
 */
export function findDoubts(draft: StackDraft, appPath: string): Doubts {
  const { services, configs, secrets } = draft;
  const files = Object.entries({ configs, secrets }).flatMap(([section, list]) =>
    list.flatMap(({ key, path }) => {
      const isOutside = path !== null && !isWithin(path, appPath);
      return isOutside ? [outside(`${section}.${key}.file`, "the file lies")] : [];
    }),
  );
  return {
    problems: services.flatMap((service) => [...checkHostPort(service), ...checkMonitor(service)]),
    doubts: [
      ...services.flatMap((service) => [
        ...doubtMonitor(service),
        ...doubtReplicas(service),
        ...doubtContext(service, appPath),
      ]),
      ...files,
    ],
  };
}

function keyOf({ key }: DraftService, rest: string): string {
  return `services.${key}.${rest}`;
}

function hasHostPort({ spec }: DraftService): boolean {
  const { Ports = [] } = spec.EndpointSpec;
  return Ports.some(({ PublishMode, PublishedPort = 0 }) => {
    return PublishMode === "host" && PublishedPort > 0;
  });
}

function checkHostPort(service: DraftService): readonly ConvertRemark[] {
  if (service.spec.UpdateConfig?.Order !== "start-first" || !hasHostPort(service)) return [];
  const message =
    "with start-first the new task waits for the host port that the old one holds: use stop-first, or publish the port with mode ingress.";
  return [{ code: "host_port_order", key: keyOf(service, "deploy.update_config.order"), message }];
}

function monitorOf({ spec }: DraftService): number {
  return (spec.UpdateConfig?.Monitor ?? 0) / NANOSECONDS;
}

function checkMonitor(service: DraftService): readonly ConvertRemark[] {
  if (monitorOf(service) <= LONGEST_MONITOR_S) return [];
  const key = keyOf(service, "deploy.update_config.monitor");
  const message = "no deployment may take longer than an hour to prove itself: write at most 1h.";
  return [{ code: "monitor_too_long", key, message }];
}

function doubtMonitor(service: DraftService): readonly ConvertRemark[] {
  const monitor = monitorOf(service);
  const horizon = healthHorizon(service.spec.TaskTemplate.ContainerSpec.Healthcheck);
  if (monitor === 0 || monitor >= horizon) return [];
  const key = keyOf(service, "deploy.update_config.monitor");
  const message = `a failing health check shows after ${horizon}s, and Swarm stops watching before that: make \`monitor\` as long, or the health check quicker.`;
  return [{ code: "monitor_too_short", key, message }];
}

/** How long a failing health check takes to be noticed, in seconds, where Docker's defaults fill in; 0 without one. */
function healthHorizon(check: ContainerSpec["Healthcheck"]): number {
  const { Test = [], Interval, Timeout, Retries, StartPeriod = 0 } = check ?? {};
  if (Test.length === 0 || Test[0] === "NONE") return 0;
  const period = (Interval || 30 * NANOSECONDS) + (Timeout || 30 * NANOSECONDS);
  return (StartPeriod + period * (Retries || 3)) / NANOSECONDS;
}

function doubtReplicas(service: DraftService): readonly ConvertRemark[] {
  const { Mode, TaskTemplate } = service.spec;
  const replicas = modeOf(service.spec) === "Replicated" ? (Mode.Replicated?.Replicas ?? 1) : 1;
  // Who limits the replicas of each node knows it.
  if (replicas < 2 || !hasHostPort(service) || TaskTemplate.Placement.MaxReplicas === 1) return [];
  const message = `each of ${replicas} replicas needs a node of its own for the host port: have as many nodes, or publish it with mode ingress.`;
  return [{ code: "host_port_replicas", key: keyOf(service, "deploy.replicas"), message }];
}

function doubtContext(service: DraftService, appPath: string): readonly ConvertRemark[] {
  const { build } = service;
  if (build === null || isWithin(build.context, appPath)) return [];
  return [outside(keyOf(service, "build"), "the build context lies")];
}

function outside(key: string, what: string): ConvertRemark {
  const message = `${what} outside of the app's \`path\`, and changes there deploy nothing: make \`path\` as wide.`;
  return { code: "outside_app", key, message };
}

/** Whether a path is a folder, or in it; both from the root of the repository. */
function isWithin(path: string, folder: string): boolean {
  return folder === "." || path === folder || path.startsWith(`${folder}/`);
}
