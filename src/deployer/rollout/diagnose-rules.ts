import { exitFinding } from "./diagnose-exit.ts";
import { toRule, type Finding, type Rule, type Symptoms } from "./diagnose-finding.ts";
import { IMAGE_RULES } from "./diagnose-image.ts";
import { MOUNT_RULES } from "./diagnose-mounts.ts";
import { NETWORK_RULES, unallocated } from "./diagnose-networks.ts";
import { PORT_RULES } from "./diagnose-ports.ts";
import { notStarted, PROGRAM_RULES } from "./diagnose-program.ts";
import { schedulingFinding } from "./diagnose-scheduling.ts";
import { hasEnded } from "./history.ts";
import { mayComplete } from "../../service-kinds.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** The rules in order of precedence: what the engine says, then health, then how the process ended. */
export const RULES: readonly Rule[] = [
  nodeDown,
  schedulingFinding,
  ...[...IMAGE_RULES, ...PORT_RULES, ...PROGRAM_RULES, ...MOUNT_RULES, ...NETWORK_RULES].map(
    toRule,
  ),
  notStarted,
  unallocated,
  unhealthy,
  neverHealthy,
  endedOrUnhealthy,
  exitFinding,
  rejected,
];

/** A task that has not ended, on a node of which the Swarm hears nothing. */
function nodeDown({ task, nodes }: Symptoms): Finding | null {
  if (task === null || task.nodeId === null || nodes.length === 0 || hasEnded(task)) return null;
  const node = nodes.find(({ id }) => id === task.nodeId);
  if (node?.state === "ready") return null;
  return {
    code: "no_suitable_node",
    summary: node
      ? `node ${node.hostname}, where the task is, is ${node.state}`
      : "the node where the task was is not part of the Swarm any more",
    nextStep:
      "Bring the node back or remove it (docker node ls, docker node rm), then press Retry.",
    shows: "lines",
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

/**
 * A server that ends politely when its health check fails is `complete` to Swarm, without a word why; of the containers
 * of other nodes nobody tells us more.
 */
function endedOrUnhealthy({ task, nodes, service }: Symptoms): Finding | null {
  if (task?.state !== "complete" || task.error !== "" || (task.exitCode ?? 0) !== 0) return null;
  if (nodes.length < 2 || checkOf(service) === "" || mayComplete(service)) return null;
  return {
    code: "task_exited",
    summary: `the process ended without an error (exit code 0): by itself, or because its health check failed${checkOf(service)}`,
    nextStep:
      "See on that node what the health check reports (docker inspect); if it passes, let the program run in the foreground (no &, no daemon mode).",
    shows: "lines",
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

function checkOf(service: ServiceSpec): string {
  const test = service.TaskTemplate.ContainerSpec.Healthcheck?.Test ?? [];
  if (test.length === 0 || test[0] === "NONE") return "";
  return ` (${test.slice(1).join(" ").slice(0, 200)})`;
}
