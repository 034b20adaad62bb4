import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveService, Swarm } from "../../src/deployer/ports.ts";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import {
  codeOf,
  createSpecs,
  IDLE,
  untilTasks,
  type Specs,
  type SwarmUnderTest,
} from "./swarm-under-test.ts";

/** What every Swarm must do with services of all modes, and how it tells of a stack. */
export function stackContract(name: string, open: () => Promise<SwarmUnderTest>): void {
  describe(`stacks of a Swarm: ${name}`, () => {
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

    it("knows the predefined networks by name", async () => {
      const Networks = [{ Target: "host" }];
      const sent = make.spec("host", "runs", {
        ...IDLE,
        Labels: make.labels("hosts"),
        TaskTemplate: { ...make.template("runs"), Networks },
      });
      await swarm.createService(sent);
      expect((await live("host")).spec.TaskTemplate.Networks).toEqual(Networks);
      const { services } = await swarm.stack(make.nameOf("hosts"));
      expect(services).toEqual([await live("host")]);
      const survey = await swarm.survey();
      expect(survey.services).toContainEqual(await live("host"));
    });

    it("runs a task of a global service on each node", async () => {
      await swarm.createService(make.spec("global", "runs", { Mode: { Global: {} } }));
      const tasks = await untilTasks(test, make.nameOf("global"), ["running"]);
      expect(tasks[0]).toMatchObject({ slot: null, desiredState: "running" });
      expect((await live("global")).spec.Mode).toEqual({ Global: {} });
      const changed = { Mode: { Replicated: { Replicas: 1 } } };
      const update = swarm.updateService(
        await live("global"),
        make.spec("global", "runs", changed),
      );
      expect(await codeOf(update)).toBe("spec_rejected");
    });

    it("runs a job to its end, and anew whenever it is written", async () => {
      const Mode = { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } };
      const { UpdateConfig: _update, ...job } = make.spec("job", "completes", { Mode });
      const sent: ServiceSpec = {
        ...job,
        TaskTemplate: { ...job.TaskTemplate, RestartPolicy: { Condition: "none" } },
      };
      await swarm.createService(sent);
      const tasks = await untilTasks(test, make.nameOf("job"), ["complete", "complete"]);
      expect(new Set(tasks.map(({ slot }) => slot))).toEqual(new Set([0, 1]));
      expect(tasks[0]).toMatchObject({ desiredState: "complete", exitCode: 0, error: "" });
      expect(await live("job")).toMatchObject({ update: null, spec: { Mode } });

      await swarm.updateService(await live("job"), { ...sent, Labels: { new: "label" } });
      const after = await swarm.tasks(make.nameOf("job"));
      const old = new Set(tasks.map(({ id }) => id));
      expect(after.filter(({ isCurrent, id }) => isCurrent && old.has(id))).toEqual([]);
      await untilTasks(test, make.nameOf("job"), ["complete", "complete"]);
      const updatable = { ...sent, UpdateConfig: make.spec("job", "runs").UpdateConfig };
      expect(await codeOf(swarm.updateService(await live("job"), updatable))).toBe("spec_rejected");
    });

    it("runs a job on each node, and leaves it when it may not try again", async () => {
      const { UpdateConfig: _update, ...job } = make.spec("fails", "exits_3", {
        Mode: { GlobalJob: {} },
      });
      const RestartPolicy = { Condition: "none", MaxAttempts: 0 };
      await swarm.createService({ ...job, TaskTemplate: { ...job.TaskTemplate, RestartPolicy } });
      const tasks = await untilTasks(test, make.nameOf("fails"), ["failed"]);
      expect(tasks[0]).toMatchObject({ slot: null, exitCode: 3, desiredState: "shutdown" });
    });

    it("reads a stack with all its tasks, and nothing of others", async () => {
      const Labels = make.labels("read");
      const published = {
        EndpointSpec: {
          Ports: [
            { Protocol: "tcp", TargetPort: 80, PublishedPort: 18_083, PublishMode: "ingress" },
          ],
        },
      };
      await swarm.createService(make.spec("read_web", "runs", { Labels }));
      await swarm.createService(make.spec("read_idle", "runs", { Labels, ...IDLE }));
      await swarm.createService(make.spec("read_late", "runs"));
      await swarm.createService(make.spec("read2_web", "runs", { Labels: make.labels("read2") }));
      await untilTasks(test, make.nameOf("read_web"), ["running"]);
      await untilTasks(test, make.nameOf("read_late"), ["running"]);
      // Its task was made before the service had the label.
      await swarm.updateService(
        await live("read_late"),
        make.spec("read_late", "runs", { Labels }),
      );
      const { services, tasks } = await swarm.stack(make.nameOf("read"));
      const parts = ["read_idle", "read_late", "read_web"];
      expect(services.map((each) => each.spec.Name).toSorted()).toEqual(parts.map(make.nameOf));
      expect(services).toContainEqual(await live("read_web"));
      expect(Object.keys(tasks).toSorted()).toEqual(parts.map(make.nameOf));
      expect(tasks[make.nameOf("read_idle")]).toEqual([]);
      for (const part of ["read_web", "read_late"]) {
        expect(tasks[make.nameOf(part)]).toEqual(await swarm.tasks(make.nameOf(part)));
        expect(tasks[make.nameOf(part)]).toEqual([expect.objectContaining({ isCurrent: true })]);
      }

      const [before] = await swarm.tasks(make.nameOf("read_web"));
      const next = make.spec("read_web", "runs", { Labels, ...published });
      await swarm.updateService(await live("read_web"), next);
      const after = await swarm.stack(make.nameOf("read"));
      const old = after.tasks[make.nameOf("read_web")]?.find(({ id }) => id === before?.id);
      expect(old).toMatchObject({ isCurrent: false });
      expect(after.tasks[make.nameOf("read_late")]).toMatchObject([{ isCurrent: true }]);
      expect(await swarm.stack(make.nameOf("nowhere"))).toEqual({ services: [], tasks: {} });
    });
  });
}
