import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FileKind, LiveService, Swarm } from "../../src/deployer/ports.ts";
import {
  codeOf,
  createSpecs,
  IDLE,
  untilTasks,
  type Specs,
  type SwarmUnderTest,
} from "./swarm-under-test.ts";

/** What every Swarm must do with networks, configs and secrets, and how it tells of all there is. */
export function objectContract(name: string, open: () => Promise<SwarmUnderTest>): void {
  describe(`objects of a Swarm: ${name}`, () => {
    let test: SwarmUnderTest;
    let swarm: Swarm;
    let make: Specs;
    beforeAll(async () => {
      test = await open();
      ({ swarm } = test);
      make = createSpecs(test);
    });
    afterAll(async () => test?.cleanUp());

    async function live(part: string): Promise<LiveService> {
      const service = await swarm.service(make.nameOf(part));
      if (!service) throw new Error(`service ${part} is not there`);
      return service;
    }
    async function networkAt(part: string) {
      const { networks } = await swarm.survey();
      return networks.find((each) => each.name === make.nameOf(part));
    }
    async function fileAt(kind: FileKind, part: string) {
      const { configs, secrets } = await swarm.survey();
      const files = kind === "config" ? configs : secrets;
      return files.find((each) => each.name === make.nameOf(part));
    }

    it("surveys what there is, and leaves out nothing", async () => {
      const Options = { encrypted: "" };
      const sent = { Attachable: true, Internal: true, Options, ...make.onSubnet("10.201.1.0/24") };
      await swarm.createNetwork(make.networkOf("all", sent));
      await swarm.createFile("config", make.fileOf("all", "plain"));
      await swarm.createFile("secret", make.fileOf("all", "hidden"));
      const service = make.spec("all", "runs", IDLE);
      await swarm.createService(service);
      const { configs, networks, nodes, secrets, services, volumes } = await swarm.survey();
      const base = {
        id: expect.any(String) as string,
        name: make.nameOf("all"),
        labels: make.labels(),
      };
      expect(networks.find((each) => each.name === make.nameOf("all"))).toEqual({
        ...base,
        driver: "overlay",
        options: Options,
        isInternal: true,
        isAttachable: true,
        isIngress: false,
        subnets: ["10.201.1.0/24"],
      });
      expect(networks.find((each) => each.isIngress)?.name).toBe("ingress");
      expect(networks.find((each) => each.name === test.network)?.labels).toEqual({});
      const file = { ...base, version: expect.any(Number) as number, templating: null };
      const data = new TextEncoder().encode("plain");
      expect(configs.find((each) => each.name === make.nameOf("all"))).toEqual({ ...file, data });
      expect(secrets.find((each) => each.name === make.nameOf("all"))).toEqual({
        ...file,
        data: null,
      });
      expect(services.find((each) => each.spec.Name === make.nameOf("all"))).toEqual(
        await live("all"),
      );
      expect(await live("all")).toMatchObject({ spec: service });
      expect(nodes).toHaveLength(1);
      expect(nodes[0]).toMatchObject({ role: "manager", availability: "active", state: "ready" });
      expect(nodes[0]?.platform).toMatchObject({ os: "linux", architecture: /^(?:amd|arm)64$/u });
      expect(nodes[0]?.nanoCpus).toBeGreaterThan(0);
      expect(nodes[0]?.memoryBytes).toBeGreaterThan(0);
      expect(volumes).toEqual([]);
    });

    it("makes a network once for its stack, and for no other", async () => {
      await swarm.createNetwork(make.networkOf("net2", { Labels: make.labels("other") }));
      await swarm.createNetwork(make.networkOf("net"));
      const made = await networkAt("net");
      await swarm.createNetwork(make.networkOf("net"));
      expect(await networkAt("net")).toEqual(made);
      const stolen = swarm.createNetwork(make.networkOf("net", { Labels: make.labels("other") }));
      expect(await codeOf(stolen)).toBe("spec_rejected");
      const unlabelled = { Name: test.network };
      expect(await codeOf(swarm.createNetwork(make.networkOf("net", unlabelled)))).toBe(
        "spec_rejected",
      );
      const local = swarm.createNetwork(make.networkOf("net", { Name: "host" }));
      expect(await codeOf(local)).toBe("spec_rejected");
      const unnamed = swarm.createNetwork(make.networkOf("net", { Name: "not a name" }));
      expect(await codeOf(unnamed)).toBe("spec_rejected");
    });

    it("refuses a subnet that belongs to another network, and leaves nothing behind", async () => {
      await swarm.createNetwork(make.networkOf("wide", make.onSubnet("10.202.0.0/16")));
      const narrow = make.networkOf("narrow", make.onSubnet("10.202.7.0/24"));
      expect(await codeOf(swarm.createNetwork(narrow))).toBe("subnet_in_use");
      expect(await networkAt("narrow")).toBeUndefined();
    });

    it("removes networks that nothing uses, and only those", async () => {
      await swarm.removeNetwork(make.nameOf("nowhere"));
      await swarm.createNetwork(make.networkOf("used"));
      await swarm.createNetwork(make.networkOf("used2"));
      const Networks = [{ Target: make.nameOf("used"), Aliases: ["web"] }];
      const sent = make.spec("used", "runs", {
        ...IDLE,
        TaskTemplate: { ...make.template("runs"), Networks },
      });
      await swarm.createService(sent);
      expect((await live("used")).spec).toMatchObject(sent);
      await swarm.removeNetwork(make.nameOf("used"));
      expect(await networkAt("used")).toBeDefined();
      await swarm.removeService(make.nameOf("used"));
      await swarm.removeNetwork(make.nameOf("used"));
      expect(await networkAt("used")).toBeUndefined();
      expect(await networkAt("used2")).toBeDefined();
    });

    it("waits with a network until the last one of its name is gone", async () => {
      await swarm.createNetwork(make.networkOf("again"));
      const Networks = [{ Target: make.nameOf("again") }];
      const sent = make.spec("again", "stops_slowly", {
        TaskTemplate: { ...make.template("stops_slowly"), Networks },
      });
      await swarm.createService(sent);
      await untilTasks(test, make.nameOf("again"), ["running"]);
      const before = await networkAt("again");
      expect(before).toBeDefined();
      await swarm.removeService(make.nameOf("again"));
      await swarm.removeNetwork(make.nameOf("again"));
      expect(await networkAt("again")).toBeUndefined();
      expect(await codeOf(swarm.createService(sent))).toBe("network_not_found");
      let isMade = false;
      const making = swarm.createNetwork(make.networkOf("again")).then(() => (isMade = true));
      await test.until("it is made again", async () => {
        await swarm.service(make.nameOf("again"));
        return isMade;
      });
      await making;
      const after = await networkAt("again");
      expect(after?.id).not.toBe(before?.id);
      await swarm.createService(sent);
      await untilTasks(test, make.nameOf("again"), ["running"]);
      await swarm.removeService(make.nameOf("again"));
    });

    it.each<FileKind>(["config", "secret"])("makes, labels and removes each %s", async (kind) => {
      await swarm.createFile(kind, make.fileOf("file2", "other"));
      await swarm.createFile(kind, make.fileOf("file", "content"));
      const made = await fileAt(kind, "file");
      await swarm.createFile(kind, make.fileOf("file", "content"));
      expect(await fileAt(kind, "file")).toEqual(made);
      const stolen = make.fileOf("file", "content", { Labels: make.labels("other") });
      expect(await codeOf(swarm.createFile(kind, stolen))).toBe("spec_rejected");
      const empty = make.fileOf("empty", "");
      expect(await codeOf(swarm.createFile(kind, empty))).toBe("spec_rejected");
      const unnamed = make.fileOf("x", "content", { Name: "not a name" });
      expect(await codeOf(swarm.createFile(kind, unnamed))).toBe("spec_rejected");

      await swarm.labelFile(kind, make.nameOf("file"), { new: "label" });
      const labelled = await fileAt(kind, "file");
      expect(labelled).toEqual({ ...made, version: labelled?.version, labels: { new: "label" } });
      expect((await fileAt(kind, "file2"))?.labels).toEqual(make.labels());
      const lost = swarm.labelFile(kind, make.nameOf("nowhere"), {});
      expect(await codeOf(lost)).toBe("file_not_found");

      await swarm.removeFile(kind, make.nameOf("file"));
      await swarm.removeFile(kind, make.nameOf("file"));
      expect(await fileAt(kind, "file")).toBeUndefined();
      expect(await fileAt(kind, "file2")).toBeDefined();
    });

    it("takes no config for the same whose content is another", async () => {
      await swarm.createFile("config", make.fileOf("fixed", "one"));
      expect(await codeOf(swarm.createFile("config", make.fileOf("fixed", "two")))).toBe(
        "spec_rejected",
      );
    });

    it("mounts configs and secrets by name, one of them twice", async () => {
      await swarm.createFile("config", make.fileOf("conf2", "two"));
      await swarm.createFile("config", make.fileOf("conf", "one"));
      await swarm.createFile("secret", make.fileOf("key", "hidden"));
      const Configs = [
        make.config("conf", "/a"),
        make.config("conf", "/b"),
        make.config("conf2", "/c"),
      ];
      const files = { Configs, Secrets: [make.secret("key", "key")] };
      const sent = make.spec("files", "runs", { TaskTemplate: make.template("runs", files) });
      await swarm.createService(sent);
      await untilTasks(test, make.nameOf("files"), ["running"]);
      const { spec: read } = await live("files");
      expect(read.TaskTemplate.ContainerSpec.Configs).toEqual(Configs);
      expect(read.TaskTemplate.ContainerSpec.Secrets).toEqual([make.secret("key", "key")]);

      await swarm.updateService(await live("files"), read);
      expect((await swarm.tasks(make.nameOf("files"))).map((task) => task.isCurrent)).toEqual([
        true,
      ]);
      await swarm.removeFile("config", make.nameOf("conf"));
      await swarm.removeFile("secret", make.nameOf("key"));
      expect(await fileAt("config", "conf")).toBeDefined();
      expect(await fileAt("secret", "key")).toBeDefined();
    });

    it("says which config or secret it does not have", async () => {
      await swarm.createFile("config", make.fileOf("there2", "two"));
      const lostConfig = { Configs: [make.config("there", "/a")] };
      const one = make.spec("lost", "runs", { TaskTemplate: make.template("runs", lostConfig) });
      expect(await codeOf(swarm.createService(one))).toBe("file_not_found");
      const lostSecret = { Secrets: [make.secret("there2", "/a")] };
      const other = make.spec("lost", "runs", { TaskTemplate: make.template("runs", lostSecret) });
      expect(await codeOf(swarm.createService(other))).toBe("file_not_found");
      expect(await swarm.service(make.nameOf("lost"))).toBeNull();
    });

    it("names the config of a credential spec", async () => {
      await swarm.createFile("config", make.fileOf("credentials", "{}"));
      const name = make.nameOf("credentials");
      const CredentialSpec = { Config: name, File: "", Registry: "" };
      const container = {
        Configs: [{ ConfigName: name, Runtime: {} }],
        Privileges: { CredentialSpec, SELinuxContext: null },
      };
      const TaskTemplate = make.template("runs", container);
      const sent = make.spec("credentials", "runs", { ...IDLE, TaskTemplate });
      await swarm.createService(sent);
      const { ContainerSpec } = (await live("credentials")).spec.TaskTemplate;
      expect(ContainerSpec).toMatchObject(container);
      expect(ContainerSpec.Configs).toEqual(container.Configs);
    });
  });
}
