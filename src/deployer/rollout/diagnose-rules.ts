import type { ErrorCode } from "../../errors.ts";
import { exitFinding } from "./diagnose-exit.ts";
import type { Finding, Symptoms } from "./diagnose-finding.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** A rule: null when it does not apply. */
type Rule = (symptoms: Symptoms) => Finding | null;

/** A rule about the engine's words: applies where they match. */
interface WordRule {
  readonly code: ErrorCode;
  readonly words: RegExp;
  readonly summary: (match: RegExpExecArray, symptoms: Symptoms) => string;
  readonly nextStep: (match: RegExpExecArray, symptoms: Symptoms) => string;
}

const WORD_RULES: readonly WordRule[] = [
  {
    code: "no_suitable_node",
    words: /scheduling constraints not satisfied on (\d+ nodes?)/iu,
    summary: (match, { service }) =>
      `no node meets the placement constraints (${constraintsOf(service)}): not satisfied on ${match[1]}`,
    nextStep: () =>
      "Change deploy.placement.constraints, or give a node the label or role that they ask for (docker node update).",
  },
  {
    code: "port_in_use",
    words: /host-mode port already in use on (\d+ nodes?)/iu,
    summary: (match, { service }) =>
      `host port ${hostPortsOf(service)} is taken by another service's task on ${match[1]}`,
    nextStep: () =>
      "Publish another port, remove the service that holds it, or run no more replicas than there are nodes.",
  },
  {
    code: "no_suitable_node",
    words: /insufficient resources on (\d+ nodes?)/iu,
    summary: (match) => `no node has the reserved CPU or memory free: too little on ${match[1]}`,
    nextStep: () => "Lower deploy.resources.reservations, or free or add a node.",
  },
  {
    code: "no_suitable_node",
    words: /unsupported platform on (\d+ nodes?)/iu,
    summary: (match) => `the image is made for another platform than that of ${match[1]}`,
    nextStep: () =>
      "Build the image for the nodes' platform, or add a node of the image's platform.",
  },
  {
    code: "no_suitable_node",
    words: /no suitable node(?: \((.+)\))?/iu,
    summary: (match) => `no node takes the task: ${match[1] ?? "the Swarm names no reason"}`,
    nextStep: () => "See docker node ls for drained or missing nodes, then press Retry.",
  },
  {
    code: "image_not_found",
    words:
      /no such image: ?(\S+)|pull access denied for (\S+?),|manifest for (\S+) not found|(manifest unknown)|(repository does not exist)/iu,
    summary: (match, { service }) =>
      `image ${match[1] ?? match[2] ?? match[3] ?? service.TaskTemplate.ContainerSpec.Image} was not found`,
    nextStep: () =>
      "Check the image's name and tag, and that every node can reach its registry and may pull from it.",
  },
  {
    code: "port_in_use",
    words: /port '?(\d+)'? is already in use by service '?([^\s']+)/iu,
    summary: (match) => `port ${match[1]} is already published by service ${match[2]}`,
    nextStep: (match) => `Publish another port, or remove service ${match[2]}.`,
  },
  {
    code: "port_in_use",
    words: /(?:bind for \S*?:(\d+) failed: )?port is already allocated/iu,
    summary: (match, { service }) =>
      `host port ${match[1] ?? hostPortsOf(service)} is taken by another container of the node`,
    nextStep: () =>
      "Publish another port, or stop the container that holds it (docker ps on the node).",
  },
  {
    code: "port_in_use",
    words: /listen \w+ \S*?:(\d+): bind: address already in use/iu,
    summary: (match) => `host port ${match[1]} is taken by a program on the node`,
    nextStep: (match) =>
      `Publish another port, or stop the program (ss -ltnp 'sport = :${match[1]}').`,
  },
  {
    code: "task_rejected",
    words: /bind source path does not exist: ?(\S+)/iu,
    summary: (match) => `the folder ${match[1]} does not exist on the node`,
    nextStep: () => "Create the folder on every node that may run the task, or use a volume.",
  },
  {
    code: "network_not_found",
    words: /network (\S+) not found|could not find (?:the )?(?:corresponding )?network (\S+)/iu,
    summary: (match) => `network ${match[1] ?? match[2]} does not exist on the Swarm`,
    nextStep: (match) =>
      `Create it (docker network create -d overlay ${match[1] ?? match[2]}), or name another one.`,
  },
  {
    code: "task_exited",
    words:
      /exec: \\?"([^"\\]+)\\?": (?:executable file not found|stat .*no such file or directory)/iu,
    summary: (match) => `the image has no program ${match[1]} to start`,
    nextStep: () => "Correct command or entrypoint, or install the program in the image.",
  },
  {
    code: "task_exited",
    words: /exec: \\?"([^"\\]+)\\?": permission denied/iu,
    summary: (match) => `${match[1]} is in the image but may not be run`,
    nextStep: () => "Make it executable in the Dockerfile (RUN chmod +x …).",
  },
  {
    code: "task_exited",
    words: /exec format error/iu,
    summary: () => "the program is for another platform, or a script without its #! line",
    nextStep: () => "Build for the node's platform; start scripts with #!/bin/sh.",
  },
  {
    code: "task_rejected",
    words: /no space left on device/iu,
    summary: () => "the node's disk is full",
    nextStep: () => "Free space on the node (docker system df), then press Retry.",
  },
];

/** The rules in order of precedence: what the engine says, then health, then how the process ended. */
export const RULES: readonly Rule[] = [
  ...WORD_RULES.map(toRule),
  unhealthy,
  neverHealthy,
  exitFinding,
  rejected,
];

function toRule(rule: WordRule): Rule {
  return (symptoms) => {
    const match = rule.words.exec(symptoms.words);
    if (match === null) return null;
    const { code, summary, nextStep } = rule;
    return {
      code,
      summary: summary(match, symptoms),
      nextStep: nextStep(match, symptoms),
      shows: "lines",
    };
  };
}

function unhealthy({ words, service }: Symptoms): Finding | null {
  if (!/unhealthy/iu.test(words)) return null;
  return {
    code: "task_unhealthy",
    summary: `the health check failed until Docker stopped the container${checkOf(service)}`,
    nextStep:
      "Mend what the health check reports, or give the service a longer healthcheck.start_period.",
    shows: "health",
  };
}

function neverHealthy({ task, service }: Symptoms): Finding | null {
  if (task?.state !== "starting" || checkOf(service) === "") return null;
  return {
    code: "task_unhealthy",
    summary: `the container started, but its health check did not pass in time${checkOf(service)}`,
    nextStep: "Mend what the health check reports, or shorten its interval.",
    shows: "health",
  };
}

function rejected({ task, words }: Symptoms): Finding | null {
  if (task?.state !== "rejected") return null;
  return {
    code: "task_rejected",
    summary: `the node refused the task: ${words || "it gave no reason"}`,
    nextStep:
      "Mend what the node names in the service's definition or on the node, then push again.",
    shows: "lines",
  };
}

function constraintsOf(service: ServiceSpec): string {
  return (service.TaskTemplate.Placement.Constraints ?? []).join(", ") || "none are set";
}

function hostPortsOf(service: ServiceSpec): string {
  const ports = (service.EndpointSpec.Ports ?? [])
    .filter(({ PublishMode }) => PublishMode === "host")
    .map(({ PublishedPort }) => PublishedPort);
  return ports.join(", ");
}

function checkOf(service: ServiceSpec): string {
  const test = service.TaskTemplate.ContainerSpec.Healthcheck?.Test ?? [];
  if (test.length === 0 || test[0] === "NONE") return "";
  return ` (${test.slice(1).join(" ").slice(0, 200)})`;
}
