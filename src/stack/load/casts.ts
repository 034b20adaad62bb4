import { parseGoFloat } from "./go-float.ts";
import type { Value } from "./value.ts";

/** Makes a number or a boolean of a text, or says what it should be. */
export type Cast = (
  text: string,
) =>
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly message: string };

const toInt: Cast = (text) => {
  // Decimal always: 0440 becomes 440.
  const isInt =
    /^[-+]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(bare(text))) === BigInt(bare(text));
  if (isInt) return { ok: true, value: BigInt(bare(text)) };
  return { ok: false, message: `${JSON.stringify(text)}, not a whole number: correct the value.` };
};

function bare(text: string): string {
  return text.replace(/^\+/, "");
}

const toFloat: Cast = (text) => {
  const value = parseGoFloat(text);
  if (value !== null) return { ok: true, value };
  return { ok: false, message: `${JSON.stringify(text)}, not a number: correct the value.` };
};

const toBoolean: Cast = (text) => {
  const word = text.toLowerCase();
  if (["y", "yes", "true", "on"].includes(word)) return { ok: true, value: true };
  if (["n", "no", "false", "off"].includes(word)) return { ok: true, value: false };
  const message = `${JSON.stringify(text)}, an invalid boolean: use true or false.`;
  return { ok: false, message };
};

const SERVICE: Readonly<Record<string, Cast>> = {
  "configs.[].mode": toInt,
  "secrets.[].mode": toInt,
  "healthcheck.retries": toInt,
  "healthcheck.disable": toBoolean,
  "deploy.replicas": toInt,
  "deploy.update_config.parallelism": toInt,
  "deploy.update_config.max_failure_ratio": toFloat,
  "deploy.rollback_config.parallelism": toInt,
  "deploy.rollback_config.max_failure_ratio": toFloat,
  "deploy.restart_policy.max_attempts": toInt,
  "deploy.placement.max_replicas_per_node": toInt,
  "ports.[].target": toInt,
  "ports.[].published": toInt,
  "ulimits.*": toInt,
  "ulimits.*.hard": toInt,
  "ulimits.*.soft": toInt,
  privileged: toBoolean,
  oom_score_adj: toInt,
  read_only: toBoolean,
  stdin_open: toBoolean,
  tty: toBoolean,
  "volumes.[].read_only": toBoolean,
  "volumes.[].volume.nocopy": toBoolean,
};

const CASTS: readonly { readonly pattern: readonly string[]; readonly cast: Cast }[] = [
  ...Object.entries(SERVICE).map(([path, cast]) => ({
    pattern: ["services", "*", ...path.split(".")],
    cast,
  })),
  ...["networks", "volumes", "secrets", "configs"].map((section) => ({
    pattern: [section, "*", "external"],
    cast: toBoolean,
  })),
  ...["internal", "attachable"].map((key) => ({
    pattern: ["networks", "*", key],
    cast: toBoolean,
  })),
];

/**
 * The cast for a value at a path, its steps joined by dots, `[]` for each list. As in the CLI a name with a dot in it
 * matches none.
 */
export function castFor(path: string): Cast | undefined {
  const steps = path.split(".");
  return CASTS.find(
    ({ pattern }) =>
      pattern.length === steps.length &&
      pattern.every((part, index) => part === "*" || part === steps[index]),
  )?.cast;
}
