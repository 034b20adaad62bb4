import { z } from "zod";
import { SkepError } from "../../errors.ts";
import type { Swarm } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";

const createdAnswer = z.object({ Id: z.string() });
/** Not in any image: the container must never run, only have its mounts set up. */
const NO_PROGRAM = "/skep-makes-a-folder-and-runs-nothing";

/**
 * Makes folders on the engine's node. A container's bind mount of a folder that is missing makes it, owned by root, as
 * `docker run -v` does; services are not given that. The container's program does not exist, so that nothing runs.
 */
export function createNodeFolders(client: DockerClient): Pick<Swarm, "makeFolder"> {
  return {
    makeFolder: async (path, image) => {
      const action = `making folder ${path}`;
      const created = await client.request({
        action,
        method: "POST",
        path: "/containers/create",
        body: {
          Image: image,
          Entrypoint: [NO_PROGRAM],
          Cmd: [],
          HostConfig: { Binds: [`${path}:/skep`], NetworkMode: "none" },
        },
      });
      if (created.kind === "refused") throw refusalError(action, created);
      const { Id } = readAnswer(createdAnswer, created.body, action);
      const container = `/containers/${encodeURIComponent(Id)}`;
      try {
        const started = await client.request({
          action,
          method: "POST",
          path: `${container}/start`,
        });
        if (started.kind === "ok" || !started.message.includes(NO_PROGRAM)) {
          throw notMade(path, started.kind === "ok" ? "the container ran" : started.message);
        }
      } finally {
        await client.request({ action, method: "DELETE", path: container, query: { force: true } });
      }
    },
  };
}

function notMade(path: string, words: string): SkepError {
  return new SkepError("spec_rejected", `making folder ${path}: ${words}`, {
    nextStep: `Make the folder on the node by hand (mkdir -p ${path}), then deploy again.`,
  });
}
