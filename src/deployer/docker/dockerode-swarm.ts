import { z } from "zod";
import { SkepError } from "../../errors.ts";
import type { LiveService, LiveTask, Swarm, SwarmInfo } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { DockerClient, EngineCall } from "./client.ts";
import { createContainerHealth } from "./container-health.ts";
import { notManager, readAnswer, refusalError, type EngineRefusal } from "./engine-failure.ts";
import { createNetworkNames } from "./network-names.ts";
import { createReleaseMarks } from "./release-mark.ts";
import { serviceAnswer, toLiveService } from "./service-answer.ts";
import { createServiceOutput } from "./service-output.ts";
import { hasNewPorts, taskAnswers, taskSource, toLiveTask } from "./task-answer.ts";

const infoAnswer = z.object({
  ServerVersion: z.string(),
  Swarm: z.object({
    LocalNodeState: z.string(),
    ControlAvailable: z.boolean(),
    Nodes: z.number().default(0),
  }),
});
const createdAnswer = z.object({ ID: z.string() });
const nameAnswer = z.object({ ID: z.string(), Spec: z.object({ Name: z.string() }) });

/** The Swarm that an engine manages. */
export function createDockerodeSwarm(client: DockerClient): Swarm {
  const networks = createNetworkNames(client);
  const health = createContainerHealth(client);

  return {
    info: async () => await readInfo(client),
    service: async (name) => {
      const body = await findService(client, name);
      if (body === null) return null;
      const answer = readAnswer(serviceAnswer, body, `reading service ${name}`);
      const ids = answer.Spec.TaskTemplate.Networks?.map((network) => network.Target) ?? [];
      return toLiveService(answer, await networks.namesOf(ids));
    },
    createService: async (spec) => await createService(client, spec),
    updateService: async (service, spec) => await updateService(client, service, spec),
    removeService: async (name) => {
      const action = `removing service ${name}`;
      const body = await findService(client, name);
      if (body === null) return;
      const { ID } = readAnswer(nameAnswer, body, action);
      const answer = await client.request({ action, method: "DELETE", path: `/services/${ID}` });
      if (answer.kind === "refused" && answer.status !== 404) throw refusalError(action, answer);
    },
    tasks: async (serviceName) => await health.explain(await listTasks(client, serviceName)),
    healthOutput: async (task) => await health.output(task),
    hasNetwork: async (name) => await networks.has(name),
    ...createServiceOutput(client),
    ...createReleaseMarks(client),
  };
}

async function readInfo(client: DockerClient): Promise<SwarmInfo> {
  const action = "reading the state of the Swarm";
  const answer = await client.request({ action, method: "GET", path: "/info" });
  if (answer.kind === "refused") throw refusalError(action, answer);
  const { ServerVersion, Swarm } = readAnswer(infoAnswer, answer.body, action);
  if (Swarm.LocalNodeState === "inactive") throw notManager(action, "the engine is in no Swarm");
  if (Swarm.LocalNodeState !== "active") {
    throw notManager(action, `the engine's Swarm is ${Swarm.LocalNodeState}`);
  }
  if (!Swarm.ControlAvailable) {
    throw notManager(action, "the engine is a worker of its Swarm, not a manager");
  }
  return {
    engineVersion: ServerVersion,
    apiVersion: await client.apiVersion(),
    nodes: Swarm.Nodes,
  };
}

/** The engine also finds services by the beginning of an ID, so the name is compared. */
async function findService(client: DockerClient, name: string): Promise<unknown> {
  const action = `reading service ${name}`;
  const path = `/services/${encodeURIComponent(name)}`;
  const answer = await client.request({ action, method: "GET", path });
  if (answer.kind === "refused") {
    if (answer.status === 404) return null;
    throw refusalError(action, answer);
  }
  return readAnswer(nameAnswer, answer.body, action).Spec.Name === name ? answer.body : null;
}

async function createService(client: DockerClient, spec: ServiceSpec): Promise<string> {
  const action = `creating service ${spec.Name}`;
  const call: EngineCall = { action, method: "POST", path: "/services/create", body: spec };
  const answer = await client.request(call);
  if (answer.kind === "refused") throw writeError(action, answer);
  return readAnswer(createdAnswer, answer.body, action).ID;
}

async function updateService(
  client: DockerClient,
  { id, version }: Pick<LiveService, "id" | "version">,
  spec: ServiceSpec,
): Promise<void> {
  const action = `updating service ${spec.Name}`;
  const template: Partial<ServiceSpec["TaskTemplate"]> = spec.TaskTemplate;
  if (!template.Placement) {
    throw new SkepError("internal", `${action}: the specification has no Placement`, {
      nextStep: "Report this: engines before 29.7 do not survive such an update.",
    });
  }
  const path = `/services/${encodeURIComponent(id)}/update`;
  const answer = await client.request({
    action,
    method: "POST",
    path,
    query: { version },
    body: spec,
  });
  if (answer.kind === "refused") throw writeError(action, answer);
}

/** What a refused write means. The engine answers with 500 to a stale version and to a wrong constraint, too. */
function writeError(action: string, refusal: EngineRefusal): SkepError {
  const { message, status } = refusal;
  if (/network .* not found/iu.test(message)) return networkError(action, message);
  if (/update out of sequence/iu.test(message) || status === 404 || status === 409) {
    return new SkepError("swarm_conflict", `${action}: ${message}`, {
      retryable: true,
      nextStep: "Somebody else changed it at the same time; Skep reads it again and tries again.",
    });
  }
  if (/already in use by service/iu.test(message)) {
    return new SkepError("port_in_use", `${action}: ${message}`, {
      nextStep: "Publish another port, or remove the service that has this one.",
    });
  }
  if (status === 400 || status === 501 || /^constraint /iu.test(message)) {
    return new SkepError("spec_rejected", `${action}: ${message}`, {
      nextStep: "Change the service's definition as the message says, then deploy again.",
    });
  }
  return refusalError(action, refusal);
}

function networkError(action: string, message: string): SkepError {
  return new SkepError("network_not_found", `${action}: ${message}`, {
    nextStep: "Create it with `docker network create --driver overlay`, or correct its name.",
  });
}

async function listTasks(client: DockerClient, serviceName: string): Promise<readonly LiveTask[]> {
  const action = `reading the tasks of service ${serviceName}`;
  const body = await findService(client, serviceName);
  if (body === null) return [];
  const service = readAnswer(taskSource, body, action);
  const filters = { service: [service.ID] };
  const [tasks, fresh] = await Promise.all([
    queryTasks(client, action, filters),
    hasNewPorts(service)
      ? queryTasks(client, action, { ...filters, "_up-to-date": ["true"] })
      : Promise.resolve(null),
  ]);
  const upToDate = fresh && new Set(fresh.map((task) => task.ID));
  return tasks.map((task) => toLiveTask(task, service, upToDate));
}

async function queryTasks(client: DockerClient, action: string, filters: object) {
  const query = { filters: JSON.stringify(filters) };
  const answer = await client.request({ action, method: "GET", path: "/tasks", query });
  if (answer.kind === "ok") return readAnswer(taskAnswers, answer.body, action);
  if (answer.status === 404) return [];
  throw refusalError(action, answer);
}
