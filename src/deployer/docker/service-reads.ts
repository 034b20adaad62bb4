import { z } from "zod";
import type { LiveService } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import type { NetworkNames } from "./network-names.ts";
import { networkIds, serviceAnswer, toLiveService, type ServiceAnswer } from "./service-answer.ts";

const nameAnswer = z.object({ ID: z.string(), Spec: z.object({ Name: z.string() }) });

/** The engine's answer for exactly this name, or null: it also finds services by the beginning of an ID. */
export async function findService(
  client: DockerClient,
  name: string,
): Promise<{ readonly id: string; readonly body: unknown } | null> {
  const action = `reading service ${name}`;
  const path = `/services/${encodeURIComponent(name)}`;
  const answer = await client.request({ action, method: "GET", path });
  if (answer.kind === "refused") {
    if (answer.status === 404) return null;
    throw refusalError(action, answer);
  }
  const { ID, Spec } = readAnswer(nameAnswer, answer.body, action);
  return Spec.Name === name ? { id: ID, body: answer.body } : null;
}

/** One service, or null. */
export async function readService(
  client: DockerClient,
  networks: NetworkNames,
  name: string,
): Promise<LiveService | null> {
  const found = await findService(client, name);
  if (found === null) return null;
  const answer = readAnswer(serviceAnswer, found.body, `reading service ${name}`);
  return (await nameNetworks(networks, [answer]))[0] ?? null;
}

/** The services for the deployer. Asks the engine only for names of networks that it never told before. */
export async function nameNetworks(
  networks: NetworkNames,
  answers: readonly ServiceAnswer[],
): Promise<readonly LiveService[]> {
  const networkName = await networks.namesOf(answers.flatMap(networkIds));
  return answers.map((answer) => toLiveService(answer, networkName));
}
