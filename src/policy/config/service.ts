import { z } from "zod";
import type { ServiceDefinition } from "../../release.ts";
import {
  cpus,
  duration,
  field,
  flag,
  mapping,
  namedValues,
  oneOf,
  ratio,
  size,
  text,
  texts,
  wholeNumber,
  words,
  type FieldReading,
} from "./fields.ts";
import { ports } from "./ports.ts";
import { readConstraint, readFolder, readImage, tidyPath } from "./references.ts";

const MOST_TASKS = 1000;
const LABEL_NAME = /^[^\s=]+$/u;
const labels = namedValues({ name: LABEL_NAME, mayBeEmpty: true });
const args = namedValues({ name: /^[A-Za-z_][A-Za-z0-9_]*$/u, mayBeEmpty: false });
const environment = namedValues({ name: /^[^\s=\0]+$/u, mayBeEmpty: false });

/** `build:` in its long form. */
export const buildKeys = z.strictObject({
  context: field(readFolder).optional(),
  dockerfile: field(readFolder).optional(),
  args: args.optional(),
  target: text("production").optional(),
});

const build = z
  .unknown()
  .transform((value) => (typeof value === "string" ? { context: value } : value))
  .pipe(mapping(buildKeys));

/** `healthcheck:`. */
export const healthcheckKeys = z.strictObject({
  test: field((value) => {
    if (typeof value === "string") return { ok: true, value: ["CMD-SHELL", value] };
    return readTest(value);
  }).optional(),
  interval: duration.optional(),
  timeout: duration.optional(),
  retries: wholeNumber(0, MOST_TASKS).optional(),
  start_period: duration.optional(),
  disable: flag.optional(),
});

function readTest(value: unknown): FieldReading<readonly string[]> {
  const list = texts("[CMD, curl, localhost]").safeParse(value);
  const expected = "write a list that begins with CMD, CMD-SHELL or NONE, or one text";
  if (!list.success) return { ok: false, expected };
  const [first] = list.data;
  const isKnown = first === undefined || ["CMD", "CMD-SHELL", "NONE"].includes(first);
  return isKnown ? { ok: true, value: list.data } : { ok: false, expected };
}

/** `deploy.resources.limits` and `deploy.resources.reservations`. */
export const resourceKeys = z.strictObject({ cpus: cpus.optional(), memory: size.optional() });

/** `deploy.resources:`. */
export const resourcesKeys = z.strictObject({
  limits: mapping(resourceKeys).optional(),
  reservations: mapping(resourceKeys).optional(),
});

/** `deploy.placement:`. */
export const placementKeys = z.strictObject({
  constraints: field((value) => {
    const list = texts("[node.role==worker]").safeParse(value);
    if (!list.success) return { ok: false, expected: "write a list such as [node.role==worker]" };
    for (const [index, constraint] of list.data.entries()) {
      const fault = readConstraint(constraint);
      if (fault !== null) return { ok: false, expected: fault, path: [index] };
    }
    return { ok: true, value: list.data };
  }).optional(),
});

/** `deploy.update_config:`. */
export const updateKeys = z.strictObject({
  parallelism: wholeNumber(0, MOST_TASKS).optional(),
  delay: duration.optional(),
  failure_action: oneOf(["pause", "continue", "rollback"]).optional(),
  monitor: duration.optional(),
  max_failure_ratio: ratio.optional(),
  order: oneOf(["start-first", "stop-first"]).optional(),
});

/** `deploy.restart_policy:`. */
export const restartKeys = z.strictObject({
  condition: oneOf(["none", "on-failure", "any"]).optional(),
  delay: duration.optional(),
  max_attempts: wholeNumber(0, 1_000_000).optional(),
  window: duration.optional(),
});

/** `deploy:`. */
export const deployKeys = z.strictObject({
  replicas: wholeNumber(0, MOST_TASKS).optional(),
  labels: labels.optional(),
  placement: mapping(placementKeys).optional(),
  resources: mapping(resourcesKeys).optional(),
  update_config: mapping(updateKeys).optional(),
  restart_policy: mapping(restartKeys).optional(),
});

/** One Compose service, as far as it is supported. */
export const serviceKeys = z.strictObject({
  image: field(readImage).optional(),
  build: build.optional(),
  command: words.optional(),
  entrypoint: words.optional(),
  environment: environment.optional(),
  ports: ports.optional(),
  networks: field(readNetworks).optional(),
  healthcheck: mapping(healthcheckKeys).optional(),
  labels: labels.optional(),
  stop_grace_period: duration.optional(),
  user: text('"1000"').optional(),
  working_dir: text("/app").optional(),
  init: flag.optional(),
  deploy: mapping(deployKeys.nullish()),
});

/** What a service says, key by key. */
type ServiceKeys = z.infer<typeof serviceKeys>;

const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u;

/** A list of names, or a mapping of names to nothing. */
function readNetworks(value: unknown): FieldReading<readonly string[]> {
  const expected = "write a list of the names of networks of the Swarm";
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries: [string, unknown][] = isMapping ? Object.entries(value) : [];
  const configured = entries.find(([, options]) => options !== null);
  if (configured) {
    return {
      ok: false,
      expected: "has options, which are not supported yet: name the network only",
      path: [configured[0]],
    };
  }
  const list = texts("[backend]").safeParse(isMapping ? entries.map(([name]) => name) : value);
  if (!list.success) return { ok: false, expected };
  const isValid = list.data.every((name) => name.length <= 255 && NETWORK_NAME.test(name));
  return isValid ? { ok: true, value: list.data } : { ok: false, expected };
}

/** The service that the keys describe. Its build context stays relative to the app's path. */
export function toDefinition(keys: ServiceKeys): ServiceDefinition {
  return {
    image: keys.image ?? null,
    build: keys.build === undefined ? null : toBuild(keys.build),
    command: toList(keys.command),
    entrypoint: toList(keys.entrypoint),
    environment: { ...keys.environment },
    ports: (keys.ports ?? []).map((port) => ({ ...port })),
    networks: [...(keys.networks ?? [])],
    healthcheck: keys.healthcheck === undefined ? null : toHealthcheck(keys.healthcheck),
    labels: { ...keys.labels },
    stopGracePeriodMs: keys.stop_grace_period ?? null,
    user: keys.user ?? null,
    workingDir: keys.working_dir ?? null,
    init: keys.init ?? null,
    deploy: toDeploy(keys.deploy ?? {}),
  };
}

function toList(list: readonly string[] | undefined): string[] | null {
  return list === undefined ? null : [...list];
}

function toBuild(keys: z.infer<typeof buildKeys>): NonNullable<ServiceDefinition["build"]> {
  return {
    context: tidyPath(keys.context ?? "."),
    dockerfile: tidyPath(keys.dockerfile ?? "Dockerfile"),
    args: { ...keys.args },
    target: keys.target ?? null,
  };
}

function toHealthcheck(
  keys: z.infer<typeof healthcheckKeys>,
): NonNullable<ServiceDefinition["healthcheck"]> {
  return {
    test: keys.disable === true ? ["NONE"] : [...(keys.test ?? [])],
    intervalMs: keys.interval ?? null,
    timeoutMs: keys.timeout ?? null,
    retries: keys.retries ?? null,
    startPeriodMs: keys.start_period ?? null,
  };
}

function toDeploy(keys: z.infer<typeof deployKeys>): ServiceDefinition["deploy"] {
  const { update_config: update, restart_policy: restart, resources } = keys;
  const toResources = (given: z.infer<typeof resourceKeys> | undefined) => ({
    nanoCpus: given?.cpus ?? null,
    memoryBytes: given?.memory ?? null,
  });
  return {
    replicas: keys.replicas ?? 1,
    labels: { ...keys.labels },
    placement: { constraints: [...(keys.placement?.constraints ?? [])] },
    resources: {
      limits: toResources(resources?.limits),
      reservations: toResources(resources?.reservations),
    },
    updateConfig: {
      parallelism: update?.parallelism ?? null,
      delayMs: update?.delay ?? null,
      monitorMs: update?.monitor ?? null,
      maxFailureRatio: update?.max_failure_ratio ?? null,
      order: update?.order ?? null,
      failureAction: update?.failure_action ?? null,
    },
    restartPolicy:
      restart === undefined
        ? null
        : {
            condition: restart.condition ?? "any",
            delayMs: restart.delay ?? null,
            maxAttempts: restart.max_attempts ?? null,
            windowMs: restart.window ?? null,
          },
  };
}
