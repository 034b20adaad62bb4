import type { StackNetwork, StackService, StackVolume } from "../model.ts";
import { fieldsOf, type Fields } from "./fields.ts";
import { readForms } from "./compose-forms.ts";
import { isThere } from "./named-file.ts";
import { interpolate } from "./interpolate.ts";
import type { At } from "./report.ts";
import { readService, type ServiceSources } from "./service.ts";
import { STACK } from "./stack-shape.ts";
import { substitute, substituteAsCli } from "./template.ts";
import { readFileObject, readNetwork, readVolume, type UnreadFileObject } from "./top-objects.ts";
import { isList, isMapping, isOdd, type Mapping, type Value } from "./value.ts";
import { minorOf, refuseForbidden } from "./version.ts";

/** One file's part of a stack. */
export interface FilePart {
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks: Readonly<Record<string, StackNetwork>>;
  readonly volumes: Readonly<Record<string, StackVolume>>;
  readonly secrets: Readonly<Record<string, UnreadFileObject>>;
  readonly configs: Readonly<Record<string, UnreadFileObject>>;
}

/**
 * Reads one file's tree, in the order of the CLI's checks; null when something was told to `at`, of which the first is
 * what the CLI would name.
 */
export function loadFile(
  root: Mapping,
  use: {
    readonly version: string;
    readonly sources: ServiceSources;
    readonly at: At;
    readonly hasProblem: () => boolean;
  },
): FilePart | null {
  const { version, sources, at, hasProblem } = use;
  refuseForbidden(root, at);
  if (hasProblem()) return null;
  const fill = sources.asCli ? substituteAsCli : substitute;
  const filled = interpolate(root, (text) => fill(text, sources.lookup), at);
  if (hasProblem()) return null;
  const minor = minorOf(version, at);
  if (minor === null) return null;
  refuseUnusable(filled, at);
  if (hasProblem()) return null;
  const { asCli, readFile } = sources;
  const tree = asCli ? filled : readForms(filled, at, (path) => isThere(readFile(path)));
  STACK(tree, at, { minor, asCli });
  if (hasProblem()) return null;
  const part = readPart(fieldsOf(tree, at), sources);
  return hasProblem() ? null : part;
}

function readPart(fields: Fields, sources: ServiceSources): FilePart {
  return {
    services: section(fields, "services", (service) => readService(service, sources)),
    networks: section(fields, "networks", readNetwork),
    volumes: section(fields, "volumes", readVolume),
    secrets: section(fields, "secrets", (secret, key) => readFileObject(secret, key, "secret")),
    configs: section(fields, "configs", (config, key) => readFileObject(config, key, "config")),
  };
}

function section<T>(
  fields: Fields,
  name: string,
  read: (fields: Fields, key: string) => T,
): Readonly<Record<string, T>> {
  const value = fields.value(name);
  if (!isMapping(value)) return {};
  const at = fields.at.to(name);
  return Object.fromEntries(
    [...value].map(([key, child]) => [key, read(fieldsOf(child, at.to(key)), key)]),
  );
}

/** Refuses what JSON, in which the CLI checks a file, cannot hold. */
function refuseUnusable(value: Value, at: At): void {
  if (isOdd(value)) {
    at.refuse("key_type", "a key here is a number, a boolean or null: put it in quotes.");
  } else if (typeof value === "number" && !Number.isFinite(value)) {
    at.refuse(
      "not_finite",
      "is no number that can be used: correct the value, or put it in quotes.",
    );
  } else if (isList(value)) {
    value.forEach((item, index) => refuseUnusable(item, at.to(index)));
  } else if (isMapping(value)) {
    for (const [key, child] of value) refuseUnusable(child, at.to(key));
  }
}
