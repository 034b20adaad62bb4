import type { DraftService, StackDraft } from "../release.ts";
import { modeOf, type ContainerSpec } from "../swarm-objects.ts";
import type { ConvertRemark } from "./convert/conversion.ts";

/** What `docker stack deploy` does without a word, and nobody means. */
export interface Doubts {
  /** What would never come to an end, or do nothing of what it says. */
  readonly problems: readonly ConvertRemark[];
  /** What works, but probably not as meant. */
  readonly doubts: readonly ConvertRemark[];
}

const NANOSECONDS = 1_000_000_000;
const LONGEST_MONITOR_S = 3_600;
/** A longer range than this is mostly a slip. */
const MANY_PORTS = 100;

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
    problems: services.flatMap((service) => [
      ...checkHostPort(service),
      ...checkMonitor(service),
      ...checkPorts(service),
      ...checkTest(service),
    ]),
    doubts: [
      ...services.flatMap((service) => [
        ...doubtMonitor(service),
        ...doubtReplicas(service),
        ...doubtPorts(service),
        ...doubtEnvironment(service),
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
    return PublishMode?.toLowerCase() === "host" && PublishedPort > 0;
  });
}

function checkHostPort(service: DraftService): readonly ConvertRemark[] {
  if (service.spec.UpdateConfig?.Order !== "start-first" || !hasHostPort(service)) return [];
  const message =
    "with start-first the new task waits for the host port that the old one holds: use stop-first, or publish the port with mode ingress.";
  return [{ code: "host_port_order", key: keyOf(service, "deploy.update_config.order"), message }];
}

/** The engine takes any word, and reads what it does not know as ingress or TCP. */
function checkPorts(service: DraftService): readonly ConvertRemark[] {
  const key = keyOf(service, "ports");
  const { Ports = [] } = service.spec.EndpointSpec;
  const hasWord = (words: readonly string[], word = ""): boolean =>
    words.includes(word.toLowerCase());
  return Ports.flatMap(({ TargetPort = 0, PublishedPort, PublishMode, Protocol }) => [
    ...(TargetPort > 0
      ? []
      : [
          {
            code: "port_target",
            key,
            message: `port ${PublishedPort ?? 0} does not say which port of the container it leads to: add target.`,
          },
        ]),
    ...(hasWord(["", "ingress", "host"], PublishMode)
      ? []
      : [
          {
            code: "port_mode",
            key,
            message: `${told(PublishMode)} is no mode: write ingress or host.`,
          },
        ]),
    ...(hasWord(["", "tcp", "udp", "sctp"], Protocol)
      ? []
      : [
          {
            code: "port_protocol",
            key,
            message: `${told(Protocol)} is no protocol: write tcp, udp or sctp.`,
          },
        ]),
  ]);
}

function told(word = ""): string {
  return JSON.stringify(word);
}

/** The engine runs no check of a kind that it does not know, and the tasks count as well. */
function checkTest(service: DraftService): readonly ConvertRemark[] {
  const [kind] = service.spec.TaskTemplate.ContainerSpec.Healthcheck?.Test ?? [];
  if (kind === undefined || ["CMD", "CMD-SHELL", "NONE"].includes(kind)) return [];
  const message = `the list begins with ${told(kind)}, and Docker would run no check at all: begin it with CMD, or write one text.`;
  return [{ code: "healthcheck_test", key: keyOf(service, "healthcheck.test"), message }];
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

function doubtPorts(service: DraftService): readonly ConvertRemark[] {
  const { Ports = [] } = service.spec.EndpointSpec;
  const count = Ports.filter(({ PublishMode }) => PublishMode?.toLowerCase() !== "host").length;
  if (count <= MANY_PORTS) return [];
  const message = `every node would open each of ${count} ports by itself, which takes long: publish fewer, or with mode host.`;
  return [{ code: "many_ports", key: keyOf(service, "ports"), message }];
}

/** Names without a value: the files gave none, and no variable of that name did. */
function doubtEnvironment(service: DraftService): readonly ConvertRemark[] {
  const { Env = [] } = service.spec.TaskTemplate.ContainerSpec;
  const names = Env.filter((entry) => !entry.includes("="));
  return names.map((name) => ({
    code: "no_value",
    key: keyOf(service, `environment.${name}`),
    message: `${told(name)} has no value, and there is no variable of its name, so that the container does not have it: write one after it, or add the variable.`,
  }));
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
