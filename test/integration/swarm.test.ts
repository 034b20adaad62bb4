import type Docker from "dockerode";
import { afterAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import {
  createDockerClient,
  type DockerClient,
  type EngineCall,
} from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { swarmContract } from "../contracts/swarm.ts";
import type { Behaviour } from "../contracts/swarm-under-test.ts";
import { removeServices, sharedDocker, sharedEngine } from "../support/engine.ts";
import { waitUntil } from "../support/wait-until.ts";

const PREFIX = "contract";
const NETWORK = "contract-net";
const STAY = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
const COMMANDS: Readonly<Record<Exclude<Behaviour, "no_image">, string>> = {
  runs: STAY,
  prints: `echo first; echo second; ${STAY}`,
  completes: "sleep 0.3",
  exits_3: "echo first; echo second; exit 3",
  stops_slowly: "trap : TERM; while :; do sleep 0.1; done",
  unhealthy: "trap : TERM; while :; do sleep 0.1; done",
  unhealthy_polite: STAY,
};

/** The engine forgets the containers of jobs whose service is removed. */
async function removeJobs(docker: Docker): Promise<void> {
  const services = await docker.listServices({ filters: { name: [PREFIX] } });
  const jobs = services.filter(({ Spec }) =>
    Object.keys(Spec?.Mode ?? {})
      .join()
      .endsWith("Job"),
  );
  for (const { ID } of jobs) await docker.getService(ID).remove();
  const label = jobs.map(({ ID }) => `com.docker.swarm.service.id=${ID}`);
  for (const each of label) {
    const containers = await docker.listContainers({ all: true, filters: { label: [each] } });
    for (const { Id } of containers) await docker.getContainer(Id).remove({ force: true });
  }
}

swarmContract("dockerode", async () => {
  const docker = sharedDocker();
  await docker.createNetwork({ Name: NETWORK, Driver: "overlay" });
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
      await removeJobs(docker);
      await removeServices(PREFIX);
      const configs = await docker.listConfigs({ filters: { name: [PREFIX] } });
      for (const { ID } of configs) await docker.getConfig(ID).remove();
      const secrets = await docker.listSecrets({ filters: JSON.stringify({ name: [PREFIX] }) });
      for (const { ID } of secrets) await docker.getSecret(ID).remove();
      await waitUntil("the networks are gone", async () => {
        const all = await docker.listNetworks();
        const networks = all.filter(({ Name }) => Name.startsWith(PREFIX));
        // One that is just going cannot be removed a second time.
        for (const { Id } of networks) {
          await docker
            .getNetwork(Id)
            .remove()
            .catch(() => undefined);
        }
        return networks.length === 0;
      });
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

describe("what a Swarm costs to read", () => {
  const client = (): DockerClient =>
    createDockerClient(`unix://${sharedEngine().socketPath}`, createSystemClock());
  const specOf = (part: string, changes: Partial<ServiceSpec> = {}): ServiceSpec => ({
    Name: `costs_${part}`,
    Labels: { "com.docker.stack.namespace": "costs" },
    TaskTemplate: {
      ContainerSpec: {
        Image: BUSYBOX_IMAGE,
        Labels: {},
        Privileges: { CredentialSpec: null, SELinuxContext: null },
        Configs: [
          { ConfigName: "costs_conf", File: { Name: "/a", UID: "0", GID: "0", Mode: 0o444 } },
        ],
      },
      Resources: {},
      Placement: {},
      Networks: [{ Target: `costs_${part}` }, { Target: "host" }],
      ForceUpdate: 0,
    },
    Mode: { Replicated: { Replicas: 0 } },
    EndpointSpec: {},
    ...changes,
  });
  const PARTS = ["one", "two", "three"];

  afterAll(async () => {
    const swarm = createDockerodeSwarm(client());
    for (const part of PARTS) {
      await swarm.removeService(`costs_${part}`);
      await swarm.removeNetwork(`costs_${part}`);
    }
    await swarm.removeFile("config", "costs_conf");
  });

  it("is six reads for all of it, and two for a stack", async () => {
    const real = client();
    const reads: string[] = [];
    const swarm = createDockerodeSwarm({
      ...real,
      request: async (call: EngineCall) => {
        if (call.method === "GET") reads.push(call.path);
        return await real.request(call);
      },
    });
    const Labels = { "com.docker.stack.namespace": "costs" };
    await swarm.createFile("config", { Name: "costs_conf", Labels, Data: "YQ==" });
    for (const part of PARTS) {
      const network = { Name: `costs_${part}`, Driver: "overlay", Labels, Options: null };
      await swarm.createNetwork({ ...network, Internal: false, Attachable: false, IPAM: null });
      await swarm.createService(specOf(part));
    }
    // The one thing that is asked for apart, once: what predefined networks are called.
    await swarm.service("costs_one");
    reads.length = 0;
    expect((await swarm.stack("costs")).services).toHaveLength(3);
    expect(reads).toEqual(["/services", "/tasks"]);

    reads.length = 0;
    await swarm.survey();
    const lists = ["/configs", "/networks", "/nodes", "/secrets", "/services", "/volumes"];
    expect(reads.toSorted()).toEqual(lists);

    const port = { Protocol: "tcp", TargetPort: 80, PublishMode: "host" };
    for (const [index, part] of PARTS.entries()) {
      const live = await swarm.service(`costs_${part}`);
      if (!live) throw new Error(`${part} is not there`);
      const Ports = [{ ...port, PublishedPort: 18_090 + index }];
      await swarm.updateService(live, specOf(part, { EndpointSpec: { Ports } }));
    }
    reads.length = 0;
    await swarm.stack("costs");
    expect(reads).toEqual(["/services", "/tasks", "/tasks"]);
  });
});
