import { parseDuration } from "./duration.ts";
import { kind, list, mapping, named, oneOf, since, text, type Shape } from "./shapes.ts";

const STRING = kind("string");
const INTEGER = kind("integer");

/** A list of strings that may hold one twice. */
export const STRINGS: Shape = list(STRING);

/** A duration such as `1m30s`. */
export const DURATION: Shape = text("duration", (value) => parseDuration(value) !== null);

/** Names with values: a mapping to strings, numbers or nothing, or a list of strings. */
export const LABELS: Shape = oneOf({
  mapping: named(/./s, kind("string", "number", "null")),
  list: list(STRING, { unique: true }),
});

const ORDER = text("order", (value) => ["start-first", "stop-first"].includes(value));

const UPDATE_CONFIG = mapping({
  parallelism: INTEGER,
  delay: DURATION,
  failure_action: STRING,
  monitor: DURATION,
  max_failure_ratio: kind("number"),
  order: since(4, ORDER),
});

const GENERIC_RESOURCES = list(
  mapping({ discrete_resource_spec: mapping({ kind: STRING, value: kind("number") }) }),
);

const PREFERENCES = list(mapping({ spread: STRING }));

/** A service's `deploy`. */
export const DEPLOY: Shape = oneOf({
  null: () => {},
  mapping: mapping({
    mode: STRING,
    endpoint_mode: since(2, STRING),
    replicas: INTEGER,
    labels: LABELS,
    rollback_config: since(7, UPDATE_CONFIG),
    update_config: UPDATE_CONFIG,
    resources: mapping({
      limits: mapping({ cpus: STRING, memory: STRING, pids: since(9, INTEGER) }),
      reservations: mapping({
        cpus: STRING,
        memory: STRING,
        generic_resources: since(5, GENERIC_RESOURCES),
      }),
    }),
    restart_policy: mapping({
      condition: STRING,
      delay: DURATION,
      max_attempts: INTEGER,
      window: DURATION,
    }),
    placement: mapping({
      constraints: STRINGS,
      preferences: since(3, PREFERENCES),
      max_replicas_per_node: since(8, INTEGER),
    }),
  }),
});
