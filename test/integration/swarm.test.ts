import { expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { swarmContract, type Behaviour } from "../contracts/swarm.ts";
import { removeServices, sharedDocker, sharedEngine } from "../support/engine.ts";
import { waitUntil } from "../support/wait-until.ts";

const PREFIX = "contract";
const NETWORK = "contract-net";
const STAY = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const COMMANDS: Readonly<Record<Exclude<Behaviour, "no_image">, string>> = {
  runs: STAY,
  prints: `echo first; echo second; ${STAY}`,
  exits_3: "echo first; echo second; exit 3",
  unhealthy: "trap : TERM; while :; do sleep 0.1; done",
  unhealthy_polite: STAY,
};

swarmContract("dockerode", async () => {
  const docker = sharedDocker();
  const network = await docker.createNetwork({ Name: NETWORK, Driver: "overlay" });
  const client = createDockerClient(`unix://${sharedEngine().socketPath}`, createSystemClock());
  return {
    swarm: createDockerodeSwarm(client),
    prefix: PREFIX,
    network: NETWORK,
    container: (behaviour) =>
      behaviour === "no_image"
        ? { Image: "localhost:1/skep/none:1" }
        : { Image: BUSYBOX_IMAGE, Args: ["sh", "-c", COMMANDS[behaviour]] },
    until: async (condition, holds) => await waitUntil(condition, holds, 60_000),
    cleanUp: async () => {
      await removeServices(PREFIX);
      const configs = await docker.listConfigs({ filters: { name: [PREFIX] } });
      for (const { ID } of configs) await docker.getConfig(ID).remove();
      await waitUntil("the network is gone", () =>
        network.remove().then(
          () => true,
          () => false,
        ),
      );
    },
  };
});

it("marks releases where `docker stack rm` finds the mark", async () => {
  const swarm = createDockerodeSwarm(createDockerClient(`unix://${sharedEngine().socketPath}`));
  await swarm.markRelease("contract-rm", { "skep.release": "r1" });
  await swarm.markRelease("contract-rm", { "skep.release": "r2" });
  const label = ["com.docker.stack.namespace=contract-rm"];
  const configs = await sharedDocker().listConfigs({ filters: { label } });
  expect(configs.map(({ Spec }) => Spec?.Name)).toEqual(["contract-rm_release"]);
  for (const { ID } of configs) await sharedDocker().getConfig(ID).remove();
});
