import { z } from "zod";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { readList } from "./engine-list.ts";
import { type NetworkAnswer, networkAnswer } from "./network-answer.ts";

const named = z.object({ Id: z.string(), Name: z.string() });

/** The networks of a Swarm by name. Specs are written with names; the engine answers with IDs. */
export interface NetworkNames {
  /** A function that gives the name of each of these IDs; the ID itself when its network is gone. */
  namesOf(ids: readonly string[]): Promise<(id: string) => string>;
  /** All networks that span the Swarm, in one read; those too that are being removed. */
  list(): Promise<readonly NetworkAnswer[]>;
  /** Remembers a network that was seen elsewhere. */
  learn(network: { readonly Id: string; readonly Name: string }): void;
}

/** Looks networks up; what an ID is called is asked once, since networks are never renamed. */
export function createNetworkNames(client: DockerClient): NetworkNames {
  const known = new Map<string, string>();

  function learn({ Id, Name }: z.infer<typeof named>): void {
    known.set(Id, Name);
  }

  async function list(): Promise<readonly NetworkAnswer[]> {
    const action = "listing the networks";
    const filters = { scope: ["swarm"] };
    const item = networkAnswer;
    const networks = await readList(client, { action, path: "/networks", filters, item });
    for (const network of networks) learn(network);
    return networks;
  }

  /** The list leaves out the predefined ones (host, bridge, none) as a Swarm has them. */
  async function ask(id: string): Promise<void> {
    const action = `reading network ${id}`;
    const path = `/networks/${encodeURIComponent(id)}`;
    const query = { scope: "swarm" };
    const answer = await client.request({ action, method: "GET", path, query });
    if (answer.kind === "ok") learn(readAnswer(named, answer.body, action));
    else if (answer.status !== 404) throw refusalError(action, answer);
  }

  return {
    list,
    learn,
    namesOf: async (ids) => {
      const unknown = [...new Set(ids)].filter((id) => !known.has(id));
      await Promise.all(unknown.map(ask));
      return (id) => known.get(id) ?? id;
    },
  };
}
