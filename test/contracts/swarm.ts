import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveService, LiveTask, ServiceLine, Swarm } from "../../src/deployer/ports.ts";
import type { ContainerSpec, ServiceSpec } from "../../src/swarm-objects.ts";
import { objectContract } from "./swarm-objects.ts";
import { stackContract } from "./swarm-stack.ts";
import {
  codeOf,
  createSpecs,
  ROLLING,
  SECOND,
  type Behaviour,
  type SwarmUnderTest,
} from "./swarm-under-test.ts";

const HEALTHCHECK = { Test: ["CMD-SHELL", "echo not well; exit 1"], Interval: 0.3 * SECOND };

/** What every Swarm must do, the fake and the real one. */
export function swarmContract(name: string, open: () => Promise<SwarmUnderTest>): void {
  objectContract(name, open);
  stackContract(name, open);
  describe(`swarm: ${name}`, () => {
    let test: SwarmUnderTest;
    let swarm: Swarm;
    beforeAll(async () => {
      test = await open();
      ({ swarm } = test);
    });
    afterAll(async () => test?.cleanUp());

    const nameOf = (part: string): string => createSpecs(test).nameOf(part);
    function spec(part: string, behaviour: Behaviour, changes: Partial<ServiceSpec> = {}) {
      return createSpecs(test).spec(part, behaviour, changes);
    }
    function template(behaviour: Behaviour, container: Partial<ContainerSpec> = {}) {
      return createSpecs(test).template(behaviour, container);
    }
    async function live(part: string): Promise<LiveService> {
      const service = await swarm.service(nameOf(part));
      if (!service) throw new Error(`service ${part} is not there`);
      return service;
    }
    async function running(part: string): Promise<readonly LiveTask[]> {
      const tasks = await swarm.tasks(nameOf(part));
      return tasks.filter((task) => task.state === "running" && task.desiredState === "running");
    }
    async function untilRunning(part: string, count = 1): Promise<readonly LiveTask[]> {
      await test.until(`${part} runs`, async () => {
        const tasks = await running(part);
        return tasks.length === count && tasks.every((task) => task.isCurrent);
      });
      return running(part);
    }
    async function untilTask(part: string, state: string): Promise<LiveTask> {
      let found: LiveTask | undefined;
      await test.until(`a task of ${part} is ${state}`, async () => {
        found = (await swarm.tasks(nameOf(part))).find((task) => task.state === state);
        return found !== undefined;
      });
      if (!found) throw new Error("unreachable");
      return found;
    }
    async function untilUpdate(part: string, state: string): Promise<LiveService> {
      await test.until(`the update of ${part} is ${state}`, async () => {
        return (await live(part)).update?.state === state;
      });
      return live(part);
    }
    async function start(part: string, behaviour: Behaviour, changes: Partial<ServiceSpec> = {}) {
      await swarm.createService(spec(part, behaviour, changes));
    }
    it("says what it is", async () => {
      expect(await swarm.info()).toMatchObject({ apiVersion: "1.41", nodes: 1 });
    });

    it("knows nothing of a service that is not there, and removes it without complaint", async () => {
      expect(await swarm.service(nameOf("none"))).toBeNull();
      expect(await swarm.tasks(nameOf("none"))).toEqual([]);
      await swarm.removeService(nameOf("none"));
    });

    it("runs what was asked for, reads it back by names, and removes it", async () => {
      const sent = spec("web", "runs", {
        TaskTemplate: {
          ...template("runs", { Env: ["A=1"] }),
          Networks: [{ Target: test.network, Aliases: ["web"] }],
        },
        Mode: { Replicated: { Replicas: 2 } },
      });
      const id = await swarm.createService(sent);
      const tasks = await untilRunning("web", 2);
      expect(new Set(tasks.map((task) => task.slot))).toEqual(new Set([1, 2]));
      expect(tasks[0]).toMatchObject({ error: "", exitCode: null, isCurrent: true });
      expect(tasks[0]?.nodeId).toBeTruthy();
      expect(tasks[0]?.containerId).toBeTruthy();
      expect(tasks[0]?.stateSince).toBeGreaterThanOrEqual(tasks[0]?.createdAt ?? Infinity);
      const service = await live("web");
      expect(service).toMatchObject({ id, update: null, spec: sent });
      expect(await codeOf(swarm.createService(sent))).toBe("swarm_conflict (retryable)");

      await swarm.removeService(nameOf("web"));
      expect(await swarm.service(nameOf("web"))).toBeNull();
      expect(await swarm.tasks(nameOf("web"))).toEqual([]);
      expect(await codeOf(swarm.updateService(service, sent))).toBe("swarm_conflict (retryable)");
    });

    it("leaves tasks alone when only labels or placement change", async () => {
      await start("labels", "runs");
      const [before] = await untilRunning("labels");
      const placed = { ...template("runs"), Placement: { Constraints: ["node.role==manager"] } };
      const changed = spec("labels", "runs", { Labels: { new: "label" }, TaskTemplate: placed });
      await swarm.updateService(await live("labels"), changed);
      expect((await live("labels")).spec).toMatchObject(changed);
      expect(await swarm.tasks(nameOf("labels"))).toEqual([
        expect.objectContaining({ id: before?.id, state: "running", isCurrent: true }),
      ]);
    });

    it("rolls a new version over the old one without a gap, and says when it is done", async () => {
      await start("roll", "runs", { Mode: { Replicated: { Replicas: 2 } } });
      const before = await untilRunning("roll", 2);
      const next = spec("roll", "runs", {
        TaskTemplate: template("runs", { Env: ["VERSION=2"] }),
        Mode: { Replicated: { Replicas: 2 } },
      });
      await swarm.updateService(await live("roll"), next);
      expect((await running("roll")).some((task) => task.isCurrent)).toBe(false);
      let least = Infinity;
      await test.until("the update is completed", async () => {
        least = Math.min(least, (await running("roll")).length);
        return (await live("roll")).update?.state === "completed";
      });
      expect(least).toBeGreaterThanOrEqual(2);
      const after = await untilRunning("roll", 2);
      const old = new Set(before.map((task) => task.id));
      expect(after.some((task) => old.has(task.id))).toBe(false);
      const { update } = await live("roll");
      expect(update?.completedAt).toBeGreaterThan(update?.startedAt ?? Infinity);
    });

    it("takes tasks with other ports for old ones", async () => {
      await start("ports", "runs");
      await untilRunning("ports");
      const Ports = [
        { Protocol: "tcp", TargetPort: 80, PublishedPort: 18_081, PublishMode: "ingress" },
      ];
      // A second slot at the same time: its task is as new as the update itself.
      const Mode = { Replicated: { Replicas: 2 } };
      const published = spec("ports", "runs", { EndpointSpec: { Ports }, Mode });
      const [before] = await running("ports");
      await swarm.updateService(await live("ports"), published);
      const old = (await swarm.tasks(nameOf("ports"))).find((task) => task.id === before?.id);
      expect(old).toMatchObject({ state: "running", isCurrent: false });
      await untilUpdate("ports", "completed");
      await untilRunning("ports", 2);

      const rival = spec("rival", "runs", { EndpointSpec: { Ports } });
      expect(await codeOf(swarm.createService(rival))).toBe("port_in_use");
      expect(await swarm.service(nameOf("rival"))).toBeNull();
    });

    it("refuses a version that is no longer the present one", async () => {
      await start("stale", "runs");
      const seen = await live("stale");
      const labelled = spec("stale", "runs", { Labels: { by: "somebody else" } });
      await swarm.updateService(seen, labelled);
      const late = swarm.updateService(seen, spec("stale", "runs", { Labels: { by: "us" } }));
      expect(await codeOf(late)).toBe("swarm_conflict (retryable)");
      expect((await live("stale")).spec.Labels).toEqual({ by: "somebody else" });
    });

    it("tells how a task ended, and what it said before", async () => {
      await start("exit", "exits_3");
      const task = await untilTask("exit", "failed");
      expect(task).toMatchObject({ exitCode: 3, isCurrent: true });
      expect(task.error).toBe("task: non-zero exit (3)");
      const lines = await swarm.taskLines(task, 10);
      expect(lines.map((line) => line.text)).toEqual(["first", "second"]);
      expect(lines[0]).toMatchObject({ taskId: task.id, stream: "stdout" });
      expect((await swarm.taskLines(task, 1)).map((line) => line.text)).toEqual(["second"]);
      expect(await swarm.healthOutput(task)).toEqual([]);
    });

    it("goes back by itself when an update fails and says to roll back", async () => {
      // Swarm may call the rollback completed while the old version still waits for the restart delay.
      const RestartPolicy = { Condition: "any", Delay: SECOND, MaxAttempts: 0 };
      const good = { ...template("runs"), RestartPolicy };
      const bad = { ...template("exits_3"), RestartPolicy };
      await start("back", "runs", { TaskTemplate: good });
      await untilRunning("back");
      const next = spec("back", "exits_3", { TaskTemplate: bad });
      await swarm.updateService(await live("back"), next);
      const service = await untilUpdate("back", "rollback_completed");
      expect(service.spec.TaskTemplate).toMatchObject(good);
      expect(service.update?.message).not.toBe("");
      await untilRunning("back");
      expect((await untilTask("back", "failed")).isCurrent).toBe(false);
    });

    it("stops half-way when an update fails and says to pause", async () => {
      const Paused = { ...ROLLING, FailureAction: "pause" };
      await start("pause", "runs", { UpdateConfig: Paused });
      await untilRunning("pause");
      const bad = spec("pause", "exits_3", { UpdateConfig: Paused });
      await swarm.updateService(await live("pause"), bad);
      const service = await untilUpdate("pause", "paused");
      expect(service.spec.TaskTemplate).toMatchObject(template("exits_3"));
      expect(service.update?.message).toMatch(/^update paused due to failure/u);
    });

    it("tells of an image that no node can get", async () => {
      await start("image", "no_image");
      const task = await untilTask("image", "rejected");
      expect(task.error).toMatch(/^No such image: /u);
      expect(task.exitCode).toBeNull();
      expect(await swarm.taskLines(task, 10)).toEqual([]);
    });

    it("tells why no node takes a task", async () => {
      const Placement = { Constraints: ["node.labels.nowhere==true"] };
      await start("node", "runs", { TaskTemplate: { ...template("runs"), Placement } });
      const task = await untilTask("node", "pending");
      await test.until("the scheduler has said why", async () => {
        const [found] = await swarm.tasks(nameOf("node"));
        return found?.error === "no suitable node (scheduling constraints not satisfied on 1 node)";
      });
      expect(task).toMatchObject({ desiredState: "running", nodeId: null, containerId: null });
    });

    it("tells of a host port that another service has", async () => {
      const Ports = [
        { Protocol: "tcp", TargetPort: 80, PublishedPort: 18_082, PublishMode: "host" },
      ];
      await start("host", "runs", { EndpointSpec: { Ports } });
      await untilRunning("host");
      await start("host2", "runs", { EndpointSpec: { Ports } });
      await test.until("the scheduler has said why", async () => {
        const [found] = await swarm.tasks(nameOf("host2"));
        return found?.error === "no suitable node (host-mode port already in use on 1 node)";
      });
    });

    it("refuses specs that Swarm cannot run", async () => {
      const nowhere = { ...template("runs"), Networks: [{ Target: `${test.prefix}-nowhere` }] };
      const lost = spec("lost", "runs", { TaskTemplate: nowhere });
      expect(await codeOf(swarm.createService(lost))).toBe("network_not_found");
      const vague = { ...template("runs"), Placement: { Constraints: ["somewhere"] } };
      const wrong = spec("wrong", "runs", { TaskTemplate: vague });
      expect(await codeOf(swarm.createService(wrong))).toBe("spec_rejected");
      const unnamed = { ...spec("x", "runs"), Name: "not a name" };
      expect(await codeOf(swarm.createService(unnamed))).toBe("spec_rejected");
    });

    it.each([
      ["unhealthy", "failed", 137],
      ["unhealthy_polite", "complete", 0],
    ] as const)(
      "tells that a task ended for its health: %s",
      async (behaviour, state, exitCode) => {
        const Healthcheck = { ...HEALTHCHECK, Retries: 2 };
        await start(behaviour, behaviour, { TaskTemplate: template(behaviour, { Healthcheck }) });
        const task = await untilTask(behaviour, state);
        expect(task).toMatchObject({ exitCode, isCurrent: true });
        expect(task.error).toMatch(/unhealthy container$/u);
        expect(await swarm.healthOutput(task)).toEqual(["not well"]);
      },
    );

    it("follows what the tasks of a service print until it is told to stop", async () => {
      const lines: ServiceLine[] = [];
      const controller = new AbortController();
      const over = swarm.follow(nameOf("talk"), (line) => lines.push(line), controller.signal);
      await start("talk", "prints");
      const [task] = await untilRunning("talk");
      await test.until("both lines came", async () => {
        await running("talk");
        return lines.length >= 2;
      });
      controller.abort();
      await over;
      expect(lines.map((line) => line.text)).toEqual(["first", "second"]);
      expect(lines.map((line) => line.taskId)).toEqual([task?.id, task?.id]);
      expect(lines[0]?.at).toBeGreaterThanOrEqual(task?.createdAt ?? Infinity);
    });

    it("keeps one mark of the release for each stack", async () => {
      const stack = nameOf("stack");
      expect(await swarm.releaseMark(stack)).toBeNull();
      await swarm.markRelease(stack, { release: "r1", version: "v1" });
      expect(await swarm.releaseMark(stack)).toEqual({ release: "r1", version: "v1" });
      await swarm.markRelease(stack, { release: "r2" });
      expect(await swarm.releaseMark(stack)).toEqual({ release: "r2" });
      expect(await swarm.releaseMark(`${stack}2`)).toBeNull();
    });
  });
}
