import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { LiveTask } from "../ports.ts";
import { timestamp } from "./service-answer.ts";

const containerStatus = z.object({
  ContainerID: z.string().default(""),
  ExitCode: z.number().default(0),
});

/** Which run of a job; other modes have none. The first is 0, which the engine leaves out. */
const iteration = z.object({ Index: z.number().default(0) }).optional();

const taskAnswer = z.object({
  ID: z.string(),
  ServiceID: z.string(),
  CreatedAt: timestamp,
  Spec: z.looseObject({}),
  Slot: z.number().optional(),
  NodeID: z.string().optional(),
  DesiredState: z.string(),
  JobIteration: iteration,
  Status: z.object({
    State: z.string(),
    Timestamp: timestamp,
    Err: z.string().default(""),
    Message: z.string().default(""),
    ContainerStatus: containerStatus.optional(),
  }),
});

/** The engine's list of tasks. */
export const taskAnswers = z.array(taskAnswer);

/** The parts of a service that its tasks are made from, as the engine tells them. */
export const taskSource = z.object({
  ID: z.string(),
  Spec: z.object({
    TaskTemplate: z.looseObject({}),
    EndpointSpec: z.looseObject({}).optional(),
    Mode: z.object({
      GlobalJob: z.unknown().optional(),
      ReplicatedJob: z.unknown().optional(),
    }),
  }),
  PreviousSpec: z.object({ EndpointSpec: z.looseObject({}).optional() }).optional(),
  JobStatus: z.object({ JobIteration: iteration }).optional(),
});

/** One of these. */
export type TaskSource = z.infer<typeof taskSource>;

/** States in which the container's exit code is final; before, the engine reports 0. */
const ENDED = new Set(["complete", "failed", "shutdown", "remove", "orphaned"]);

/**
 * Whether the last update changed the service's ports. That restarts tasks too, but a task does not tell its ports:
 * then only those are current which the engine's own filter calls up to date.
 */
export function hasNewPorts({ Spec, PreviousSpec }: TaskSource): boolean {
  return (
    PreviousSpec !== undefined && !isDeepStrictEqual(Spec.EndpointSpec, PreviousSpec.EndpointSpec)
  );
}

/** Whether the service's tasks are meant to end. */
export function isJob({ Spec: { Mode } }: TaskSource): boolean {
  return Mode.ReplicatedJob !== undefined || Mode.GlobalJob !== undefined;
}

/** The task for the deployer, judged against the service that it belongs to. `upToDate` is for new ports only. */
export function toLiveTask(
  answer: z.infer<typeof taskAnswer>,
  service: TaskSource,
  upToDate: ReadonlySet<string> | null,
): LiveTask {
  const isSame = isDeepStrictEqual(compared(answer.Spec), compared(service.Spec.TaskTemplate));
  // A job runs anew whenever its service is written, even when nothing about its tasks changed.
  const isThisRun = answer.JobIteration?.Index === service.JobStatus?.JobIteration?.Index;
  const { Status } = answer;
  const container = Status.ContainerStatus;
  return {
    id: answer.ID,
    // The slots of a job begin with 0, which the engine leaves out.
    slot: answer.Slot ?? (service.Spec.Mode.ReplicatedJob === undefined ? null : 0),
    nodeId: answer.NodeID || null,
    state: Status.State,
    desiredState: answer.DesiredState,
    error: Status.Err,
    message: Status.Message,
    exitCode: container && ENDED.has(Status.State) ? container.ExitCode : null,
    containerId: container?.ContainerID || null,
    createdAt: answer.CreatedAt,
    stateSince: Status.Timestamp,
    isCurrent: isSame && isThisRun && (upToDate === null || upToDate.has(answer.ID)),
  };
}

/** Swarm moves no task for its placement while the node still fits; `Runtime` is told of services only. */
function compared(template: Readonly<Record<string, unknown>>): object {
  const { Placement: _placement, Runtime: _runtime, ...rest } = template;
  return rest;
}
