import { z } from "zod";
import { SkepError } from "../../errors.ts";
import { releaseMarkName } from "../../swarm-objects.ts";
import type { Swarm } from "../ports.ts";
import type { DockerClient, EngineCall } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";

/** `docker stack rm` finds what belongs to a stack by this label. */
const STACK_LABEL = "com.docker.stack.namespace";
/** A config may not be empty; this also tells Skep's own from a config that a stack happens to call `release`. */
const CONTENT = Buffer.from(
  "Skep keeps in the labels of this config which release the stack runs.\n",
).toString("base64");
const ATTEMPTS = 5;

const configAnswer = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()).default({}),
    Data: z.string(),
  }),
});

type Config = z.infer<typeof configAnswer>;

/** Which release a stack runs, kept on the Swarm as the labels of the config `<stack>_release`. */
export function createReleaseMarks(
  client: DockerClient,
): Pick<Swarm, "markRelease" | "releaseMark"> {
  return {
    markRelease: async (stackName, labels) => {
      const action = `marking the release of stack ${stackName}`;
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const config = await readConfig(client, stackName);
        const answer = await client.request({
          action,
          method: "POST",
          ...write(config, stackName, labels),
        });
        if (answer.kind === "ok") return;
        // 409: somebody created it since; out of sequence: somebody changed it since; 404: removed since.
        const isStale = /out of sequence/iu.test(answer.message);
        if (!isStale && answer.status !== 409 && answer.status !== 404) {
          throw refusalError(action, answer);
        }
      }
      throw new SkepError("swarm_conflict", `${action}: somebody else keeps changing it`, {
        retryable: true,
        nextStep: "Make sure that only one Skep deploys this stack; Skep tries again.",
      });
    },
    releaseMark: async (stackName) => {
      const config = await readConfig(client, stackName);
      if (config === null) return null;
      const { [STACK_LABEL]: _stack, ...labels } = config.Spec.Labels;
      return labels;
    },
  };
}

function write(
  config: Config | null,
  stackName: string,
  given: Readonly<Record<string, string>>,
): Required<Pick<EngineCall, "path" | "body" | "query">> | Pick<EngineCall, "path" | "body"> {
  const Labels = { ...given, [STACK_LABEL]: stackName };
  if (config === null) {
    const body = { Name: releaseMarkName(stackName), Labels, Data: CONTENT };
    return { path: "/configs/create", body };
  }
  const path = `/configs/${encodeURIComponent(config.ID)}/update`;
  return { path, query: { version: config.Version.Index }, body: { ...config.Spec, Labels } };
}

/** Throws `stack_not_owned` when the name belongs to a config that Skep did not make. */
async function readConfig(client: DockerClient, stackName: string): Promise<Config | null> {
  const name = releaseMarkName(stackName);
  const action = `reading the release of stack ${stackName}`;
  const path = `/configs/${encodeURIComponent(name)}`;
  const answer = await client.request({ action, method: "GET", path });
  if (answer.kind === "refused") {
    if (answer.status === 404) return null;
    throw refusalError(action, answer);
  }
  const config = readAnswer(configAnswer, answer.body, action);
  if (config.Spec.Name !== name) return null;
  if (config.Spec.Data === CONTENT) return config;
  throw new SkepError("stack_not_owned", `${action}: the config ${name} is not Skep's`, {
    nextStep: `Remove it with \`docker config rm ${name}\`, or rename it.`,
  });
}
