import type { z } from "zod";
import type { LiveTask } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import type { ContainerHealth } from "./container-health.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { findService } from "./service-reads.ts";
import {
  hasNewPorts,
  isJob,
  taskAnswers,
  taskSource,
  toLiveTask,
  type TaskSource,
} from "./task-answer.ts";

/** All tasks of one service that the Swarm remembers; none when it is not there. */
export async function readServiceTasks(
  client: DockerClient,
  health: ContainerHealth,
  serviceName: string,
): Promise<readonly LiveTask[]> {
  const action = `reading the tasks of service ${serviceName}`;
  const found = await findService(client, serviceName);
  if (found === null) return [];
  const service = readAnswer(taskSource, found.body, action);
  const tasks = await readTasks(client, health, [service], action);
  return tasks?.get(service.ID) ?? [];
}

/**
 * The tasks of these services by the service's ID, in one read, and a second where published ports just changed. Null
 * when one of the services is gone: the engine then tells of none. Where a task of a lasting service ended without a
 * word, its container is asked once whether it was unhealthy.
 */
export async function readTasks(
  client: DockerClient,
  health: ContainerHealth,
  services: readonly TaskSource[],
  action: string,
): Promise<ReadonlyMap<string, readonly LiveTask[]> | null> {
  if (services.length === 0) return new Map();
  const changed = services.filter(hasNewPorts);
  const [tasks, fresh] = await Promise.all([
    queryTasks(client, action, { service: idsOf(services) }),
    changed.length === 0
      ? []
      : queryTasks(client, action, { service: idsOf(changed), "_up-to-date": ["true"] }),
  ]);
  if (tasks === null || fresh === null) return null;
  const upToDate = new Set(fresh.map(({ ID }) => ID));
  const entries = services.map(async (service) => {
    const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID);
    const known = changed.includes(service) ? upToDate : null;
    const live = own.map((task) => toLiveTask(task, service, known));
    return [service.ID, isJob(service) ? live : await health.explain(live)] as const;
  });
  return new Map(await Promise.all(entries));
}

function idsOf(services: readonly TaskSource[]): readonly string[] {
  return services.map(({ ID }) => ID);
}

async function queryTasks(
  client: DockerClient,
  action: string,
  filters: Readonly<Record<string, readonly string[]>>,
): Promise<z.infer<typeof taskAnswers> | null> {
  const query = { filters: JSON.stringify(filters) };
  const answer = await client.request({ action, method: "GET", path: "/tasks", query });
  if (answer.kind === "ok") return readAnswer(taskAnswers, answer.body, action);
  if (answer.status === 404) return null;
  throw refusalError(action, answer);
}
