import type { Clock } from "../../src/clock.ts";
import type {
  LiveNetwork,
  LiveNode,
  LiveVolume,
  ServiceLine,
  Swarm,
} from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import { STACK_LABELS, type ServiceSpec } from "../../src/swarm-objects.ts";
import { checkSpec } from "./swarm-model/checks.ts";
import {
  isJob,
  isOver,
  type ModelService,
  type ModelTask,
  type SwarmModel,
} from "./swarm-model/model.ts";
import { network } from "./swarm-model/networks.ts";
import { createObjectCalls, type ObjectWrite } from "./swarm-model/object-calls.ts";
import { NODE } from "./swarm-model/placement.ts";
import { stored, toLiveService, toLiveTask } from "./swarm-model/read-back.ts";
import { taskScript, type TaskScript } from "./swarm-model/task-script.ts";
import { stopTask } from "./swarm-model/tasks.ts";
import { createTimeline } from "./swarm-model/timeline.ts";
import { reconcile } from "./swarm-model/updater.ts";

const IDLE_MS = 1_000;

/** One write of a service, or of a stack's mark, that reached the Swarm. */
interface SwarmWrite {
  readonly kind: "create" | "update" | "remove" | "mark";
  readonly name: string;
  readonly at: number;
}

/** A Swarm in memory with strings for tests to pull. It moves on when the clock has and somebody looks. */
export interface FakeSwarm extends Swarm {
  /** Folders made on the node. */
  readonly folders: readonly string[];
  /** What the tasks of an image do from now on; images without a script start and run. */
  script(image: string, script: Partial<TaskScript>): void;
  addNetwork(name: string, parts?: Partial<LiveNetwork>): void;
  addVolume(volume: LiveVolume): void;
  /** Adds a node, or changes one. Tasks run on the first one only. */
  addNode(node: LiveNode): void;
  /**
   * Which of two races Swarm's updater wins when a task fails during an update. When it is first, Swarm calls the
   * rollback completed at once, while the old version still waits for the restart delay. The real one does either.
   */
  setRollbackFirst(isFirst: boolean): void;
  /** The next call of this method rejects: before it did anything, or after, as when the answer is lost. */
  failNext(method: keyof Swarm, error: Error, when?: "before" | "after"): void;
  /** Every call rejects with `swarm_unreachable` until it is true again. */
  setReachable(isReachable: boolean): void;
  readonly writes: readonly SwarmWrite[];
  readonly objectWrites: readonly ObjectWrite[];
  /** When something will happen next, for tests that drive the clock; null when nothing will. */
  nextAt(): number | null;
}

const THE_NODE: LiveNode = {
  ...NODE,
  availability: "active",
  state: "ready",
  engineLabels: {},
  platform: { os: "linux", architecture: "amd64" },
  nanoCpus: 4e9,
  memoryBytes: 8 * 1024 ** 3,
};

/** Starts an empty Swarm of one node. */
export function createFakeSwarm(clock: Clock): FakeSwarm {
  const timeline = createTimeline(() => clock.now());
  const scripts = new Map<string, TaskScript>();
  const folders: string[] = [];
  const writes: SwarmWrite[] = [];
  const objectWrites: ObjectWrite[] = [];
  const faults = new Map<keyof Swarm, { error: Error; when: "before" | "after" }[]>();
  let isReachable = true;
  let isRollbackFirst = false;
  let ids = 0;
  const model: SwarmModel = {
    timeline,
    services: new Map(),
    networks: new Map(),
    leaving: new Map(),
    files: { config: new Map(), secret: new Map() },
    volumes: new Map(),
    nodes: new Map([[NODE.id, THE_NODE]]),
    orphans: [],
    listeners: new Set(),
    isRollbackFirst: () => isRollbackFirst,
    // Pinned or not, an image does the same.
    scriptOf: ({ TaskTemplate: { ContainerSpec } }) =>
      scripts.get(ContainerSpec.Image.split("@")[0] ?? "") ?? taskScript(),
    newId: () => `id${String(++ids).padStart(4, "0")}`,
  };

  model.networks.set("ingress", network(model, { name: "ingress", isIngress: true }));

  async function call<T>(method: keyof Swarm, act: () => T): Promise<T> {
    await Promise.resolve();
    const fault = faults.get(method)?.shift();
    if (fault?.when === "before") throw fault.error;
    if (!isReachable) throw unreachable();
    timeline.catchUp();
    const result = act();
    timeline.catchUp();
    if (fault) throw fault.error;
    return result;
  }

  function note(kind: SwarmWrite["kind"], name: string): void {
    writes.push({ kind, name, at: timeline.now() });
  }

  return {
    writes,
    folders,
    objectWrites,
    nextAt: () => timeline.nextAt(),
    script: (image, script) => void scripts.set(image.split("@")[0] ?? "", taskScript(script)),
    addNetwork: (name, parts) => void model.networks.set(name, network(model, { ...parts, name })),
    addVolume: (volume) => void model.volumes.set(volume.name, volume),
    addNode: (node) => void model.nodes.set(node.id, node),
    setRollbackFirst: (isFirst) => void (isRollbackFirst = isFirst),
    setReachable: (value) => void (isReachable = value),
    failNext(method, error, when = "before") {
      faults.set(method, [...(faults.get(method) ?? []), { error, when }]);
    },

    info: () =>
      call("info", () => ({
        engineVersion: "fake",
        apiVersion: "1.41",
        nodes: model.nodes.size,
      })),
    survey: () =>
      call("survey", () => ({
        services: [...model.services.values()].map(toLiveService),
        networks: structuredClone([...model.networks.values()]),
        configs: structuredClone([...model.files.config.values()]),
        secrets: structuredClone([...model.files.secret.values()]),
        nodes: structuredClone([...model.nodes.values()]),
        volumes: structuredClone([...model.volumes.values()]),
      })),
    stack: (stackName) =>
      call("stack", () => {
        const own = [...model.services.values()].filter(
          ({ spec }) => spec.Labels[STACK_LABELS.namespace] === stackName,
        );
        const tasks = own.map(
          ({ spec, tasks: each }) => [spec.Name, each.map(toLiveTask)] as const,
        );
        return { services: own.map(toLiveService), tasks: Object.fromEntries(tasks) };
      }),
    service: (name) =>
      call("service", () => {
        const service = model.services.get(name);
        return service ? toLiveService(service) : null;
      }),
    createService: (spec) =>
      call("createService", () => {
        const action = `creating service ${spec.Name}`;
        if (model.services.has(spec.Name)) throw conflict(`${action}: name conflicts`);
        checkSpec(model, action, spec, null);
        const service = newService(model, spec);
        model.services.set(spec.Name, service);
        note("create", spec.Name);
        reconcile(model, service);
        return service.id;
      }),
    updateService: ({ id, version }, spec) =>
      call("updateService", () => {
        const action = `updating service ${spec.Name}`;
        const service = [...model.services.values()].find((each) => each.id === id);
        if (!service) throw conflict(`${action}: service ${id} not found`);
        if (service.version !== version) throw conflict(`${action}: update out of sequence`);
        checkSpec(model, action, spec, service.spec);
        note("update", spec.Name);
        service.previousSpec = service.spec;
        service.spec = stored(spec);
        service.update = null;
        if (isJob(spec)) service.iteration += 1;
        service.version += 1;
        service.updatedAt = timeline.now();
        service.restarts.clear();
        reconcile(model, service);
      }),
    removeService: (name) =>
      call("removeService", () => {
        const service = model.services.get(name);
        if (!service) return;
        note("remove", name);
        service.isRemoved = true;
        service.stopUpdate();
        model.services.delete(name);
        for (const task of service.tasks) stopTask(model, task);
        model.orphans = [...model.orphans.filter((task) => !isOver(task)), ...service.tasks];
      }),
    makeFolder: (path) => call("makeFolder", () => void folders.push(path)),
    tasks: (serviceName) =>
      call("tasks", () => (model.services.get(serviceName)?.tasks ?? []).map(toLiveTask)),
    taskLines: (task, count) =>
      call("taskLines", () => findTask(task.id)?.lines.slice(-count) ?? []),
    healthOutput: (task) => call("healthOutput", () => findTask(task.id)?.health ?? []),
    follow: async (serviceName, onLine, signal) => {
      await call("follow", () => undefined);
      const listener = (name: string, line: ServiceLine): void => {
        if (name === serviceName) onLine(line);
      };
      model.listeners.add(listener);
      try {
        while (!signal.aborted) {
          timeline.catchUp();
          const nextMs = (timeline.nextAt() ?? Number.POSITIVE_INFINITY) - clock.now();
          await clock.sleep(Math.min(Math.max(nextMs, 1), IDLE_MS), signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        model.listeners.delete(listener);
      }
    },
    ...createObjectCalls({
      model,
      clock,
      call,
      note: (write) =>
        void objectWrites.push({ ...write, at: timeline.now(), after: writes.length }),
      noteMark: (stackName) => note("mark", stackName),
    }),
  };

  function findTask(id: string): ModelTask | undefined {
    return [...model.services.values()]
      .flatMap((service) => service.tasks)
      .find((task) => task.id === id);
  }
}

function newService(model: SwarmModel, spec: ServiceSpec): ModelService {
  const now = model.timeline.now();
  return {
    id: model.newId(),
    createdAt: now,
    version: 1,
    updatedAt: now,
    spec: stored(spec),
    previousSpec: null,
    update: null,
    tasks: [],
    restarts: new Map(),
    iteration: 0,
    isRemoved: false,
    stopUpdate: () => undefined,
  };
}

function conflict(message: string): SkepError {
  return new SkepError("swarm_conflict", message, { retryable: true });
}

function unreachable(): SkepError {
  return new SkepError("swarm_unreachable", "reaching the engine: it is away", { retryable: true });
}
