import type { z } from "zod";
import { nearest } from "../nearest.ts";
import { describe } from "../policy/config/fields.ts";
import { type ConfigPath, quote, showPath } from "../policy/config/problem.ts";
import { readYaml } from "../policy/config/yaml.ts";
import type { AllowEntry, GuardRules, ServerConfig } from "./rules.ts";
import { type allowKeys, SERVER_LEVELS, serverKeys } from "./server-schema.ts";

/** Something wrong in the operator's file. Lines count from 1. */
export interface ServerConfigProblem {
  readonly line: number;
  /** Names the key, says what is wrong and what was expected. */
  readonly message: string;
}

/** What the file says, or everything that is wrong with it. */
export type ParsedServerConfig =
  | { readonly ok: true; readonly config: ServerConfig }
  | { readonly ok: false; readonly problems: readonly ServerConfigProblem[] };

/** Reads the text of a `skep.server.yml`. Never throws; an empty file says nothing. */
export function parseServerConfig(text: string): ParsedServerConfig {
  const file = readYaml(text);
  if (!file.ok) return file;
  const parsed = serverKeys.safeParse(file.value ?? {});
  if (parsed.success) return { ok: true, config: toConfig(parsed.data) };
  const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, file.value));
  return {
    ok: false,
    problems: problems
      .map(({ path, message }) => ({ line: file.lineOf(path), message }))
      .toSorted((one, other) => one.line - other.line),
  };
}

interface Found {
  readonly path: ConfigPath;
  readonly message: string;
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): readonly Found[] {
  const path: ConfigPath = issue.path.map((part) =>
    typeof part === "number" ? part : String(part),
  );
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(path, key) }));
  }
  const found = path.reduce<unknown>(entryOf, value);
  const what =
    issue.code === "custom" ? issue.message : `is ${describe(found)}: ${expectation(issue, found)}`;
  return [{ path, message: `\`${showPath(path)}\` ${what}` }];
}

function expectation(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return "it is needed here";
  const isList = issue.code === "invalid_type" && issue.expected === "array";
  return isList ? "write a list (- entry)" : "write a mapping (key: value)";
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  build:
    "what a build may take is set by SKEP_BUILD_TIMEOUT and SKEP_CONTEXT_LIMIT, for all repositories",
};

function unknownKey(path: ConfigPath, key: string): string {
  const level = path
    .map((part, index) => (typeof part === "number" || path[index - 1] === "stacks" ? "*" : part))
    .join(".");
  const keys = SERVER_LEVELS[level] ?? [];
  const where = path.length === 0 ? "at the top of the file" : `in ${showPath(path)}`;
  const close = nearest(key, keys);
  const hint =
    (path.length === 0 && Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined) ??
    (close === null ? `use one of ${keys.join(", ")}` : `did you mean \`${close}\`?`);
  return `\`${quote(key)}\` is not a key ${where}: ${hint}`;
}

function entryOf(holder: unknown, key: string | number): unknown {
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) {
    return undefined;
  }
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

function toConfig({ repositories, stacks, allow }: z.infer<typeof serverKeys>): ServerConfig {
  return {
    repositories: repositories ?? null,
    stacks: new Map(Object.entries(stacks ?? {})),
    allow: (allow ?? []).map(toEntry),
  };
}

function toEntry(entry: z.infer<typeof allowKeys>): AllowEntry {
  const { limits = {} } = entry;
  const rules: { [Key in keyof AllowEntry["rules"]]: GuardRules[Key] | undefined } = {
    publishedPorts: entry.published_ports,
    bindMounts: entry.bind_mounts,
    volumeDrivers: entry.volume_drivers,
    capAdd: entry.cap_add,
    sysctls: entry.sysctls,
    ulimits: entry.ulimits,
    genericResources: entry.generic_resources,
    hostNetwork: entry.host_network,
    managerNodes: entry.manager_nodes,
    registries: entry.registries,
    logDrivers: entry.log_drivers,
    networks: entry.networks,
    networkDrivers: entry.network_drivers,
    networkOptions: entry.network_options,
    volumes: entry.volumes,
    configs: entry.configs,
    secrets: entry.secrets,
    secretDrivers: entry.secret_drivers,
    credentialSpecs: entry.credential_specs,
    hosts: entry.hosts?.map((host) => host.toLowerCase()),
  };
  return {
    repositories: entry.repositories,
    rules: said(rules),
    limits: said({
      nanoCpus: limits.cpus,
      memoryBytes: limits.memory,
      replicas: limits.replicas,
      services: limits.services,
    }),
  };
}

/** Only what is said: what is not must not hide what an earlier entry says. */
function said<Values extends object>(
  values: Values,
): { [Key in keyof Values]?: NonNullable<Values[Key]> } {
  const result: { [Key in keyof Values]?: NonNullable<Values[Key]> } = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined && value !== null) result[key] = value;
  }
  return result;
}
