import { z } from "zod";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";

const networkAnswer = z.object({ Id: z.string(), Name: z.string() });
const networkList = z.array(
  networkAnswer.extend({ Driver: z.string(), Scope: z.string(), Ingress: z.boolean() }),
);

/** The networks of a Swarm by name. Specs are written with names; the engine answers with IDs. */
export interface NetworkNames {
  /** A function that gives the name of each of these IDs; the ID itself when its network is gone. */
  namesOf(ids: readonly string[]): Promise<(id: string) => string>;
  /** Whether an overlay network that services can join has this name. */
  has(name: string): Promise<boolean>;
}

/** Looks networks up; what an ID is called is asked once, since networks are never renamed. */
export function createNetworkNames(client: DockerClient): NetworkNames {
  const known = new Map<string, string>();

  async function learn(id: string): Promise<void> {
    const action = `reading network ${id}`;
    const path = `/networks/${encodeURIComponent(id)}`;
    const answer = await client.request({ action, method: "GET", path });
    if (answer.kind === "ok") {
      known.set(id, readAnswer(networkAnswer, answer.body, action).Name);
    } else if (answer.status !== 404) {
      throw refusalError(action, answer);
    }
  }

  return {
    namesOf: async (ids) => {
      await Promise.all(ids.filter((id) => !known.has(id)).map(learn));
      return (id) => known.get(id) ?? id;
    },
    has: async (name) => {
      const action = `looking for network ${name}`;
      // The engine's filter also finds longer names.
      const query = { filters: JSON.stringify({ name: [name], scope: ["swarm"] }) };
      const answer = await client.request({ action, method: "GET", path: "/networks", query });
      if (answer.kind === "refused") throw refusalError(action, answer);
      return readAnswer(networkList, answer.body, action).some(
        (each) =>
          each.Name === name &&
          each.Driver === "overlay" &&
          each.Scope === "swarm" &&
          !each.Ingress,
      );
    },
  };
}
