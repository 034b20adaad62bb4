import { z } from "zod";
import type { FileSpec, NetworkSpec, ServiceSpec } from "../swarm-objects.ts";
import type { Body } from "./convert/go-json.ts";

const count = z.number().exactOptional();
const text = z.string().exactOptional();
const texts = z.array(z.string()).exactOptional();
const labels = z.record(z.string(), z.string());
const options = labels.exactOptional();
const anything = z.looseObject({});

const amounts = z.looseObject({ NanoCPUs: count, MemoryBytes: count, Pids: count }).exactOptional();

const fileReferences = z
  .array(
    z.looseObject({
      ConfigName: text,
      SecretName: text,
      File: z
        .looseObject({ Name: z.string(), UID: z.string(), GID: z.string(), Mode: z.number() })
        .exactOptional(),
    }),
  )
  .exactOptional();

const mounts = z
  .array(
    z.looseObject({
      Type: text,
      Source: text,
      Target: z.string(),
      ReadOnly: z.boolean().exactOptional(),
      VolumeOptions: z
        .looseObject({
          Labels: options,
          DriverConfig: z.looseObject({ Name: text, Options: options }).exactOptional(),
        })
        .exactOptional(),
    }),
  )
  .exactOptional();

const containerSpec = z.looseObject({
  Image: z.string(),
  Labels: labels,
  Command: texts,
  Args: texts,
  Env: texts,
  User: text,
  Dir: text,
  Init: z.boolean().exactOptional(),
  StopGracePeriod: count,
  Healthcheck: z
    .looseObject({ Test: texts, Interval: count, Timeout: count, Retries: count })
    .extend({ StartPeriod: count })
    .exactOptional(),
  Mounts: mounts,
  Configs: fileReferences,
  Secrets: fileReferences,
  Privileges: z.looseObject({
    CredentialSpec: anything.nullable(),
    SELinuxContext: anything.nullable(),
  }),
});

const taskSpec = z.looseObject({
  ContainerSpec: containerSpec,
  Resources: z.looseObject({ Limits: amounts, Reservations: amounts }),
  RestartPolicy: z
    .looseObject({ Condition: text, Delay: count, MaxAttempts: count, Window: count })
    .exactOptional(),
  Placement: z.looseObject({
    Constraints: texts,
    Preferences: z
      .array(
        z.looseObject({ Spread: z.looseObject({ SpreadDescriptor: z.string() }).exactOptional() }),
      )
      .exactOptional(),
    MaxReplicas: count,
  }),
  Networks: z
    .array(z.looseObject({ Target: z.string(), Aliases: texts, DriverOpts: options }))
    .exactOptional(),
  LogDriver: z.looseObject({ Name: text, Options: options }).exactOptional(),
  ForceUpdate: z.number(),
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

const job = z.looseObject({ MaxConcurrent: count, TotalCompletions: count }).exactOptional();

const serviceBody = z.looseObject({
  Name: z.string(),
  Labels: labels,
  TaskTemplate: taskSpec,
  Mode: z.looseObject({
    Replicated: z.looseObject({ Replicas: count }).exactOptional(),
    Global: anything.exactOptional(),
    ReplicatedJob: job,
    GlobalJob: anything.exactOptional(),
  }),
  UpdateConfig: updateConfig,
  RollbackConfig: updateConfig,
  EndpointSpec: z.looseObject({ Mode: text, Ports: z.array(port).exactOptional() }),
}) satisfies z.ZodType<ServiceSpec>;

const networkBody = z.looseObject({
  Name: z.string(),
  Driver: z.string(),
  Labels: labels,
  Options: labels.nullable(),
  Internal: z.boolean(),
  Attachable: z.boolean(),
  IPAM: z
    .looseObject({
      Driver: z.string(),
      Config: z.array(z.looseObject({ Subnet: text })).nullable(),
    })
    .nullable(),
}) satisfies z.ZodType<NetworkSpec>;

const fileBody = z.looseObject({
  Name: z.string(),
  Labels: labels,
  Data: text,
  Templating: z.looseObject({ Name: z.string() }).exactOptional(),
  Driver: z.looseObject({ Name: z.string(), Options: options }).exactOptional(),
}) satisfies z.ZodType<FileSpec>;

/** The body of a service as what it is; it is handed on itself, so that nothing of it is lost. */
export function asServiceSpec(body: Body | undefined): ServiceSpec {
  return checked(body, (each): each is ServiceSpec => serviceBody.safeParse(each).success);
}

/** Likewise of a network. */
export function asNetworkSpec(body: Body | undefined): NetworkSpec {
  return checked(body, (each): each is NetworkSpec => networkBody.safeParse(each).success);
}

/** Likewise of a config or a secret. */
export function asFileSpec(body: Body | undefined): FileSpec {
  return checked(body, (each): each is FileSpec => fileBody.safeParse(each).success);
}

function checked<T>(body: unknown, is: (body: unknown) => body is T): T {
  // The converter makes nothing else, whatever the file: this is a slip of ours.
  if (!is(body)) throw new Error("a converted body lacks fields that the API always has");
  return body;
}
