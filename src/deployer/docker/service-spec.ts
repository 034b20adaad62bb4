import { z } from "zod";
import type { ServiceSpec } from "../../swarm-objects.ts";

/** What the engine leaves out when it is empty, as Skep writes it. */
function orEmpty<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value ?? {}, schema);
}

/** Labels; the engine tells of none with null, or not at all. */
export const labels = orEmpty(z.record(z.string(), z.string()));
const count = z.number().exactOptional();
const text = z.string().exactOptional();
const texts = z.array(z.string()).exactOptional();
const pairs = z.record(z.string(), z.string()).exactOptional();
const amounts = z.looseObject({ NanoCPUs: count, MemoryBytes: count, Pids: count }).exactOptional();

const healthcheck = z.looseObject({
  Test: texts,
  Interval: count,
  Timeout: count,
  Retries: count,
  StartPeriod: count,
});

const mount = z.looseObject({
  Type: text,
  Source: text,
  Target: z.string(),
  ReadOnly: z.boolean().exactOptional(),
  VolumeOptions: z
    .looseObject({
      Labels: pairs,
      DriverConfig: z.looseObject({ Name: text, Options: pairs }).exactOptional(),
    })
    .exactOptional(),
});

const fileReference = z.looseObject({
  ConfigName: text,
  SecretName: text,
  File: z
    .looseObject({ Name: z.string(), UID: z.string(), GID: z.string(), Mode: z.number() })
    .exactOptional(),
});

const containerSpec = z.looseObject({
  // Services of plugins have no container.
  Image: z.string().default(""),
  Labels: labels,
  Command: texts,
  Args: texts,
  Env: texts,
  User: text,
  Dir: text,
  Init: z.boolean().exactOptional(),
  StopGracePeriod: count,
  Healthcheck: healthcheck.exactOptional(),
  Mounts: z.array(mount).exactOptional(),
  Configs: z.array(fileReference).exactOptional(),
  Secrets: z.array(fileReference).exactOptional(),
  Privileges: orEmpty(
    z.looseObject({
      CredentialSpec: z.looseObject({}).nullable().default(null),
      SELinuxContext: z.looseObject({}).nullable().default(null),
    }),
  ),
});

const placement = z.looseObject({
  Constraints: texts,
  Preferences: z
    .array(
      z.looseObject({ Spread: z.looseObject({ SpreadDescriptor: z.string() }).exactOptional() }),
    )
    .exactOptional(),
  MaxReplicas: count,
  Platforms: z.array(z.looseObject({ OS: text, Architecture: text })).exactOptional(),
});

const taskSpec = z.looseObject({
  ContainerSpec: orEmpty(containerSpec),
  Resources: orEmpty(z.looseObject({ Limits: amounts, Reservations: amounts })),
  RestartPolicy: z
    .looseObject({ Condition: text, Delay: count, MaxAttempts: count, Window: count })
    .exactOptional(),
  Placement: orEmpty(placement),
  Networks: z
    .array(z.looseObject({ Target: z.string(), Aliases: texts, DriverOpts: pairs }))
    .exactOptional(),
  LogDriver: z.looseObject({ Name: text, Options: pairs }).exactOptional(),
  ForceUpdate: z.number().default(0),
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

const port = z.looseObject({
  Protocol: text,
  TargetPort: count,
  PublishedPort: count,
  PublishMode: text,
});

/** A service's specification as the engine tells it. Fields that are not named here are kept as they are. */
export const serviceSpec = z.looseObject({
  Name: z.string(),
  Labels: labels,
  TaskTemplate: taskSpec,
  Mode: z.looseObject({
    Replicated: z.looseObject({ Replicas: count }).exactOptional(),
    Global: z.looseObject({}).exactOptional(),
    ReplicatedJob: z.looseObject({ MaxConcurrent: count, TotalCompletions: count }).exactOptional(),
    GlobalJob: z.looseObject({}).exactOptional(),
  }),
  UpdateConfig: updateConfig,
  RollbackConfig: updateConfig,
  EndpointSpec: orEmpty(z.looseObject({ Mode: text, Ports: z.array(port).exactOptional() })),
}) satisfies z.ZodType<ServiceSpec>;
