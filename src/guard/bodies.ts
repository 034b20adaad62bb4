import { z } from "zod";

// Every field of every body that a stack may send. What is missing here is refused: a field that nobody has thought
// about is one that nobody has found harmless.

const text = z.string().nullish();
const flag = z.boolean().nullish();
const number = z.number().nullish();
const texts = z.array(z.string()).nullish();
/** Names that users choose. */
const map = z.record(z.string(), z.string());

const mount = z.strictObject({
  Type: text,
  Source: text,
  Target: z.string(),
  ReadOnly: flag,
  Consistency: text,
  BindOptions: z.strictObject({ Propagation: text }).nullish(),
  VolumeOptions: z
    .strictObject({
      NoCopy: flag,
      Subpath: text,
      Labels: map.nullish(),
      DriverConfig: z.strictObject({ Name: text, Options: map.nullish() }).nullish(),
    })
    .nullish(),
  TmpfsOptions: z.strictObject({ SizeBytes: number }).nullish(),
  ClusterOptions: z.strictObject({}).nullish(),
});

const file = z.strictObject({ Name: z.string(), UID: text, GID: text, Mode: number }).nullish();

const configReference = z.strictObject({
  ConfigName: z.string(),
  File: file,
  Runtime: z.strictObject({}).nullish(),
});

const secretReference = z.strictObject({ SecretName: z.string(), File: file });

const container = z.strictObject({
  Image: z.string(),
  Labels: map.nullish(),
  Command: texts,
  Args: texts,
  Hostname: text,
  Env: texts,
  Dir: text,
  User: text,
  StopSignal: text,
  StopGracePeriod: number,
  TTY: flag,
  OpenStdin: flag,
  ReadOnly: flag,
  Init: flag,
  Isolation: text,
  Hosts: texts,
  DNSConfig: z.strictObject({ Nameservers: texts, Search: texts, Options: texts }).nullish(),
  Healthcheck: z
    .strictObject({
      Test: texts,
      Interval: number,
      Timeout: number,
      StartPeriod: number,
      StartInterval: number,
      Retries: number,
    })
    .nullish(),
  Mounts: z.array(mount).nullish(),
  Configs: z.array(configReference).nullish(),
  Secrets: z.array(secretReference).nullish(),
  Sysctls: map.nullish(),
  CapabilityAdd: texts,
  CapabilityDrop: texts,
  Ulimits: z.array(z.strictObject({ Name: z.string(), Hard: number, Soft: number })).nullish(),
  Privileges: z
    .strictObject({
      CredentialSpec: z.strictObject({ Config: text, File: text, Registry: text }).nullish(),
      // Turns off what keeps a container from the node's files, so that nothing of it is known.
      SELinuxContext: z.null().optional(),
      NoNewPrivileges: flag,
    })
    .nullish(),
});

const amounts = { NanoCPUs: number, MemoryBytes: number };

const generic = z.strictObject({
  DiscreteResourceSpec: z.strictObject({ Kind: z.string(), Value: number }),
});

const update = z
  .strictObject({
    Parallelism: number,
    Delay: number,
    FailureAction: text,
    Monitor: number,
    MaxFailureRatio: number,
    Order: text,
  })
  .nullish();

const task = z.strictObject({
  ContainerSpec: container,
  Resources: z
    .strictObject({
      Limits: z.strictObject({ ...amounts, Pids: number }).nullish(),
      Reservations: z
        .strictObject({ ...amounts, GenericResources: z.array(generic).nullish() })
        .nullish(),
    })
    .nullish(),
  RestartPolicy: z
    .strictObject({ Condition: text, Delay: number, MaxAttempts: number, Window: number })
    .nullish(),
  Placement: z
    .strictObject({
      Constraints: texts,
      Preferences: z
        .array(z.strictObject({ Spread: z.strictObject({ SpreadDescriptor: z.string() }) }))
        .nullish(),
      MaxReplicas: number,
      Platforms: z.array(z.strictObject({ OS: text, Architecture: text })).nullish(),
    })
    .nullish(),
  Networks: z
    .array(z.strictObject({ Target: z.string(), Aliases: texts, DriverOpts: map.nullish() }))
    .nullish(),
  LogDriver: z.strictObject({ Name: text, Options: map.nullish() }).nullish(),
  ForceUpdate: number,
});

/** The body of a service. */
export const serviceBody = z.strictObject({
  Name: z.string(),
  Labels: map.nullish(),
  TaskTemplate: task,
  Mode: z
    .strictObject({
      Replicated: z.strictObject({ Replicas: number }).nullish(),
      Global: z.strictObject({}).nullish(),
      ReplicatedJob: z.strictObject({ MaxConcurrent: number, TotalCompletions: number }).nullish(),
      GlobalJob: z.strictObject({}).nullish(),
    })
    .nullish(),
  UpdateConfig: update,
  RollbackConfig: update,
  EndpointSpec: z
    .strictObject({
      Mode: text,
      Ports: z
        .array(
          z.strictObject({
            Protocol: text,
            TargetPort: number,
            PublishedPort: number,
            PublishMode: text,
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** The body of a network. Those fields that may hold one value only are known with that value. */
export const networkBody = z.strictObject({
  Name: z.string(),
  CheckDuplicate: flag,
  Driver: text,
  Scope: z.enum(["", "swarm"]).nullish(),
  IPAM: z
    .strictObject({
      Driver: z.enum(["", "default"]).nullish(),
      Options: z.null().optional(),
      Config: z.array(z.strictObject({ Subnet: text })).nullish(),
    })
    .nullish(),
  Internal: flag,
  Attachable: flag,
  Ingress: z.literal(false).nullish(),
  ConfigOnly: z.literal(false).nullish(),
  ConfigFrom: z.null().optional(),
  Options: map.nullish(),
  Labels: map.nullish(),
});

/** The body of a config or a secret. */
export const fileBody = z.strictObject({
  Name: z.string(),
  Labels: map.nullish(),
  Data: text,
  Templating: z.strictObject({ Name: z.literal("golang") }).nullish(),
  Driver: z.strictObject({ Name: z.string(), Options: map.nullish() }).nullish(),
});

export type GuardedService = z.infer<typeof serviceBody>;
export type GuardedMount = z.infer<typeof mount>;
export type GuardedNetwork = z.infer<typeof networkBody>;
export type GuardedFile = z.infer<typeof fileBody>;
