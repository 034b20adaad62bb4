import { z } from "zod";
import type { LiveService } from "../ports.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** What the engine leaves out when it is empty, as Skep writes it. */
function orEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value ?? {}, schema);
}

const labels = orEmpty(z.record(z.string(), z.string()));
const count = z.number().exactOptional();
const texts = z.array(z.string()).exactOptional();
const amounts = z.looseObject({ NanoCPUs: count, MemoryBytes: count }).exactOptional();

const containerSpec = z.looseObject({
  Image: z.string(),
  Labels: labels,
  Command: texts,
  Args: texts,
  Env: texts,
  User: z.string().exactOptional(),
  Dir: z.string().exactOptional(),
  Init: z.boolean().exactOptional(),
  StopGracePeriod: count,
  Healthcheck: z
    .looseObject({
      Test: texts,
      Interval: count,
      Timeout: count,
      Retries: count,
      StartPeriod: count,
    })
    .exactOptional(),
  Privileges: orEmpty(
    z.looseObject({
      CredentialSpec: z.looseObject({}).nullable().default(null),
      SELinuxContext: z.looseObject({}).nullable().default(null),
    }),
  ),
});

const updateConfig = z
  .looseObject({
    Parallelism: z.number(),
    Delay: count,
    FailureAction: z.string(),
    Monitor: count,
    MaxFailureRatio: z.number(),
    Order: z.string(),
  })
  .exactOptional();

const serviceSpec = z.looseObject({
  Name: z.string(),
  Labels: labels,
  TaskTemplate: z.looseObject({
    ContainerSpec: containerSpec,
    Resources: orEmpty(z.looseObject({ Limits: amounts, Reservations: amounts })),
    RestartPolicy: z
      .looseObject({ Condition: z.string(), Delay: count, MaxAttempts: count, Window: count })
      .exactOptional(),
    Placement: orEmpty(z.looseObject({ Constraints: texts })),
    Networks: z.array(z.looseObject({ Target: z.string(), Aliases: texts })).exactOptional(),
    ForceUpdate: z.number(),
  }),
  Mode: z.looseObject({ Replicated: z.looseObject({ Replicas: count }).exactOptional() }),
  UpdateConfig: updateConfig,
  RollbackConfig: updateConfig,
  EndpointSpec: orEmpty(
    z.looseObject({
      Mode: z.string().exactOptional(),
      Ports: z
        .array(
          z.looseObject({
            Protocol: z.string(),
            TargetPort: z.number(),
            PublishedPort: count,
            PublishMode: z.string(),
          }),
        )
        .exactOptional(),
    }),
  ),
}) satisfies z.ZodType<ServiceSpec>;

/** Milliseconds since the epoch, of the engine's timestamps with nanoseconds. */
export const timestamp = z.string().transform((text) => Date.parse(text));

const updateStatus = z.object({
  State: z.string(),
  Message: z.string().default(""),
  StartedAt: timestamp.optional(),
  CompletedAt: timestamp.optional(),
});

/** A service as the engine tells it, without inserted defaults. Its networks are named by ID. */
export const serviceAnswer = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  CreatedAt: timestamp,
  UpdatedAt: timestamp,
  Spec: serviceSpec,
  UpdateStatus: updateStatus.optional(),
});

/** One of these answers. */
export type ServiceAnswer = z.infer<typeof serviceAnswer>;

/** The service for the deployer. `networkName` gives the name of a network's ID. */
export function toLiveService(
  answer: ServiceAnswer,
  networkName: (id: string) => string,
): LiveService {
  const { Spec, UpdateStatus } = answer;
  const { Networks, ...template } = Spec.TaskTemplate;
  const networks = Networks?.map((each) => ({ ...each, Target: networkName(each.Target) }));
  return {
    id: answer.ID,
    version: answer.Version.Index,
    spec: {
      ...Spec,
      TaskTemplate: { ...template, ...(networks ? { Networks: networks } : {}) },
    },
    update: UpdateStatus
      ? {
          state: UpdateStatus.State,
          message: UpdateStatus.Message,
          startedAt: UpdateStatus.StartedAt ?? null,
          completedAt: UpdateStatus.CompletedAt ?? null,
        }
      : null,
    createdAt: answer.CreatedAt,
    updatedAt: answer.UpdatedAt,
  };
}
