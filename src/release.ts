import { z } from "zod";

/** An app at a commit, built: content-keyed, knows no environment. Times are milliseconds since the epoch. */
export interface Build {
  /** Hex SHA-256 over context tree, Dockerfile, arguments and platform. */
  readonly key: string;
  readonly repositoryId: number;
  /** The immutable local tag, `localhost/<owner>/<app>:<first 16 of the key>`. */
  readonly image: string;
  /** The engine's image ID (`sha256:…`), checked before every use. */
  readonly imageId: string;
  readonly createdAt: number;
  readonly durationMs: number;
}

/** One build (or image reference) bound to one environment, immutable. */
export interface Release {
  readonly id: string;
  readonly repositoryId: number;
  readonly app: string;
  readonly environment: string;
  readonly version: string;
  readonly sha: string;
  /** Null when the service runs a given image. */
  readonly buildKey: string | null;
  /** The image reference that its service runs. */
  readonly image: string;
  /** The stack as JSON, as read from the commit. */
  readonly stack: ServiceDefinition;
  readonly createdAt: number;
}

const duration = z.number().int().nonnegative();

/** Milliseconds and plain values: what the converter needs of one Compose service, already validated. */
export const serviceDefinition = z.object({
  image: z.string().nullable(),
  build: z
    .object({
      context: z.string(),
      dockerfile: z.string(),
      args: z.record(z.string(), z.string()),
      target: z.string().nullable(),
    })
    .nullable(),
  command: z.array(z.string()).nullable(),
  entrypoint: z.array(z.string()).nullable(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(
    z.object({
      target: z.number().int(),
      published: z.number().int().nullable(),
      protocol: z.enum(["tcp", "udp"]),
      mode: z.enum(["ingress", "host"]),
    }),
  ),
  networks: z.array(z.string()),
  healthcheck: z
    .object({
      test: z.array(z.string()),
      intervalMs: duration.nullable(),
      timeoutMs: duration.nullable(),
      retries: z.number().int().nullable(),
      startPeriodMs: duration.nullable(),
    })
    .nullable(),
  labels: z.record(z.string(), z.string()),
  stopGracePeriodMs: duration.nullable(),
  user: z.string().nullable(),
  workingDir: z.string().nullable(),
  init: z.boolean().nullable(),
  deploy: z.object({
    replicas: z.number().int().nonnegative(),
    labels: z.record(z.string(), z.string()),
    placement: z.object({ constraints: z.array(z.string()) }),
    resources: z.object({
      limits: z.object({
        nanoCpus: z.number().int().nullable(),
        memoryBytes: z.number().int().nullable(),
      }),
      reservations: z.object({
        nanoCpus: z.number().int().nullable(),
        memoryBytes: z.number().int().nullable(),
      }),
    }),
    updateConfig: z.object({
      parallelism: z.number().int().nonnegative().nullable(),
      delayMs: duration.nullable(),
      monitorMs: duration.nullable(),
      maxFailureRatio: z.number().min(0).max(1).nullable(),
      order: z.enum(["start-first", "stop-first"]).nullable(),
      failureAction: z.enum(["pause", "continue", "rollback"]).nullable(),
    }),
    restartPolicy: z
      .object({
        condition: z.enum(["none", "on-failure", "any"]),
        delayMs: duration.nullable(),
        maxAttempts: z.number().int().nullable(),
        windowMs: duration.nullable(),
      })
      .nullable(),
  }),
});

/** One Compose service, validated, with every duration in milliseconds and every size in bytes. */
export type ServiceDefinition = z.infer<typeof serviceDefinition>;
