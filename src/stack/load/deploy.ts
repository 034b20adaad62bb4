import type { StackDeploy, StackUpdateConfig } from "../model.ts";
import { parseDuration } from "./duration.ts";
import { defined, type Fields } from "./fields.ts";
import { parseNanoCpus } from "./nano-cpus.ts";
import { labelsOf } from "./pairs.ts";
import { parseSize } from "./size.ts";
import { fieldsOf } from "./fields.ts";

/** A service's `deploy`, in nanoseconds and bytes. */
export function readDeploy(fields: Fields): StackDeploy {
  return defined<StackDeploy>({
    mode: fields.text("mode"),
    replicas: fields.count("replicas"),
    labels: labelsOf(fields.value("labels")),
    endpointMode: fields.text("endpoint_mode"),
    updateConfig: fields.inside("update_config", readUpdateConfig),
    rollbackConfig: fields.inside("rollback_config", readUpdateConfig),
    restartPolicy: fields.inside("restart_policy", readRestartPolicy),
    limits: fields.inside("resources", (resources) => resources.inside("limits", readLimits)),
    reservations: fields.inside("resources", (resources) =>
      resources.inside("reservations", readReservations),
    ),
    placement: fields.inside("placement", readPlacement),
  });
}

/** The duration under the key in nanoseconds; one that is none is refused. */
export function durationOf(fields: Fields, key: string): number | undefined {
  const text = fields.text(key);
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== null) return duration;
  fields.at
    .to(key)
    .refuse("bad_format", `${JSON.stringify(text)} is no duration: write 90s or 1m30s.`);
  return undefined;
}

function readUpdateConfig(fields: Fields): StackUpdateConfig {
  return defined<StackUpdateConfig>({
    parallelism: fields.count("parallelism"),
    delayNs: durationOf(fields, "delay"),
    monitorNs: durationOf(fields, "monitor"),
    failureAction: fields.text("failure_action"),
    maxFailureRatio: fields.number("max_failure_ratio"),
    order: fields.text("order"),
  });
}

type Part<K extends keyof StackDeploy> = NonNullable<StackDeploy[K]>;

function readRestartPolicy(fields: Fields): Part<"restartPolicy"> {
  return defined<Part<"restartPolicy">>({
    condition: fields.text("condition"),
    delayNs: durationOf(fields, "delay"),
    maxAttempts: fields.count("max_attempts"),
    windowNs: durationOf(fields, "window"),
  });
}

function readLimits(fields: Fields): Part<"limits"> {
  return defined<Part<"limits">>({
    nanoCpus: nanoCpusOf(fields),
    memoryBytes: memoryOf(fields),
    pids: fields.whole("pids"),
  });
}

function readReservations(fields: Fields): Part<"reservations"> {
  return defined<Part<"reservations">>({
    nanoCpus: nanoCpusOf(fields),
    memoryBytes: memoryOf(fields),
    generic: fields
      .each("generic_resources", (value, at) =>
        fieldsOf(value, at).inside("discrete_resource_spec", (spec) => ({
          kind: spec.text("kind") ?? "",
          value: spec.whole("value") ?? 0,
        })),
      )
      ?.filter((resource) => resource !== undefined),
  });
}

function readPlacement(fields: Fields): Part<"placement"> {
  return defined<Part<"placement">>({
    constraints: fields.texts("constraints"),
    preferences: fields.each("preferences", (value, at) => ({
      spread: fieldsOf(value, at).text("spread") ?? "",
    })),
    maxReplicas: fields.count("max_replicas_per_node"),
  });
}

function nanoCpusOf(fields: Fields): number | undefined {
  const text = fields.text("cpus");
  if (text === undefined || text === "") return undefined;
  const cpus = parseNanoCpus(text);
  if (typeof cpus === "number") return cpus;
  const cause =
    cpus === "too_precise" ? "value is too precise" : `${JSON.stringify(text)} is no number`;
  fields.at
    .to("cpus")
    .refuse("bad_number", `${cause}: write CPUs as "0.5", with 9 digits at most.`);
  return undefined;
}

function memoryOf(fields: Fields): number | undefined {
  const text = fields.text("memory");
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes !== null) return bytes;
  fields.at
    .to("memory")
    .refuse("bad_number", `${JSON.stringify(text)} is no size: write 64m or 1.5g.`);
  return undefined;
}
