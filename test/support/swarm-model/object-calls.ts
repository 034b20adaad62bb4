import type { Clock } from "../../../src/clock.ts";
import type { FileKind, Swarm } from "../../../src/deployer/ports.ts";
import { createFile, labelFile, readMark, removeFile, writeMark } from "./files.ts";
import type { SwarmModel } from "./model.ts";
import { createNetwork, isLeaving, removeNetwork } from "./networks.ts";

const REMOVAL_STEP_MS = 500;
const REMOVAL_LIMIT_MS = 30_000;

/** One write of a network, config or secret that reached the Swarm. */
export interface ObjectWrite {
  readonly kind: "create" | "label" | "remove";
  readonly object: FileKind | "network";
  readonly name: string;
  readonly at: number;
  /** How many writes of services and marks came before it. */
  readonly after: number;
}

/** What the calls need of the fake Swarm that they are part of. */
interface ObjectCallOptions {
  readonly model: SwarmModel;
  readonly clock: Clock;
  readonly call: <T>(method: keyof Swarm, act: () => T) => Promise<T>;
  readonly note: (write: Pick<ObjectWrite, "kind" | "object" | "name">) => void;
  readonly noteMark: (stackName: string) => void;
}

type ObjectMethods =
  | "createNetwork"
  | "removeNetwork"
  | "createFile"
  | "labelFile"
  | "removeFile"
  | "markRelease"
  | "releaseMark";

/** The calls of the port that are about networks, configs and secrets. */
export function createObjectCalls(options: ObjectCallOptions): Pick<Swarm, ObjectMethods> {
  const { call, clock, model, note, noteMark } = options;

  async function awaitRemoval(name: string): Promise<void> {
    const end = clock.now() + REMOVAL_LIMIT_MS;
    model.timeline.catchUp();
    while (isLeaving(model, name) && clock.now() < end) {
      await clock.sleep(REMOVAL_STEP_MS);
      model.timeline.catchUp();
    }
  }

  return {
    createNetwork: async (spec) => {
      await awaitRemoval(spec.Name);
      await call("createNetwork", () => {
        if (!createNetwork(model, spec)) return;
        note({ kind: "create", object: "network", name: spec.Name });
      });
    },
    removeNetwork: (name) =>
      call("removeNetwork", () => {
        if (removeNetwork(model, name)) note({ kind: "remove", object: "network", name });
      }),
    createFile: (kind, spec) =>
      call("createFile", () => {
        if (createFile(model, kind, spec)) note({ kind: "create", object: kind, name: spec.Name });
      }),
    labelFile: (kind, name, labels) =>
      call("labelFile", () => {
        labelFile(model, kind, name, labels);
        note({ kind: "label", object: kind, name });
      }),
    removeFile: (kind, name) =>
      call("removeFile", () => {
        if (removeFile(model, kind, name)) note({ kind: "remove", object: kind, name });
      }),
    markRelease: (stackName, labels) =>
      call("markRelease", () => {
        writeMark(model, stackName, labels);
        noteMark(stackName);
      }),
    releaseMark: (stackName) => call("releaseMark", () => readMark(model, stackName)),
  };
}
