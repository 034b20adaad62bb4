import { SkepError } from "../../../src/errors.ts";
import { STACK_LABELS, type FileSpec } from "../../../src/swarm-objects.ts";
import type { FileKind, LiveFile } from "../../../src/deployer/ports.ts";
import { rejected } from "./checks.ts";
import type { SwarmModel } from "./model.ts";

const MARK_CONTENT = new TextEncoder().encode("Skep keeps the release here.\n");

/** Makes a config or secret; says whether it was not there before. */
export function createFile(model: SwarmModel, kind: FileKind, spec: FileSpec): boolean {
  const action = `creating ${kind} ${spec.Name}`;
  if (!/^[a-z0-9](?:[\w.-]{0,62}[a-z0-9])?$/iu.test(spec.Name)) {
    throw rejected(`${action}: invalid name, only 64 [a-zA-Z0-9-_.] characters allowed`);
  }
  const data = Uint8Array.from(Buffer.from(spec.Data ?? "", "base64"));
  if (data.length === 0 && !spec.Driver) throw rejected(`${action}: data must be larger than 0`);
  const there = model.files[kind].get(spec.Name);
  if (there) {
    if (isSame(there, spec, data)) return false;
    throw rejected(`${action}: ${kind} ${spec.Name} already exists`);
  }
  model.files[kind].set(spec.Name, {
    id: model.newId(),
    version: 1,
    name: spec.Name,
    labels: { ...spec.Labels },
    data: kind === "config" ? data : null,
    templating: spec.Templating?.Name || null,
  });
  return true;
}

function isSame(there: LiveFile, { Labels }: FileSpec, data: Uint8Array): boolean {
  const names = new Set([...Object.keys(there.labels), ...Object.keys(Labels)]);
  return (
    Labels[STACK_LABELS.namespace] !== undefined &&
    [...names].every((name) => there.labels[name] === Labels[name]) &&
    (there.data === null || Buffer.from(there.data).equals(data))
  );
}

/** Replaces the labels of a config or secret. */
export function labelFile(
  model: SwarmModel,
  kind: FileKind,
  name: string,
  labels: Readonly<Record<string, string>>,
): void {
  const file = model.files[kind].get(name);
  if (!file) {
    throw new SkepError("file_not_found", `labelling ${kind} ${name}: ${kind} not found: ${name}`);
  }
  model.files[kind].set(name, { ...file, version: file.version + 1, labels: { ...labels } });
}

/** Removes a config or secret that no service names; says whether it did. */
export function removeFile(model: SwarmModel, kind: FileKind, name: string): boolean {
  const isUsed = [...model.services.values()].some(({ spec }) => {
    const { Configs = [], Secrets = [] } = spec.TaskTemplate.ContainerSpec;
    return kind === "config"
      ? Configs.some(({ ConfigName }) => ConfigName === name)
      : Secrets.some(({ SecretName }) => SecretName === name);
  });
  return !isUsed && model.files[kind].delete(name);
}

/** Writes the config that says which release a stack runs. */
export function writeMark(
  model: SwarmModel,
  stackName: string,
  given: Readonly<Record<string, string>>,
): void {
  const there = findMark(model, stackName);
  const name = `${stackName}_release`;
  const labels = { ...given, [STACK_LABELS.namespace]: stackName };
  model.files.config.set(name, {
    id: there?.id ?? model.newId(),
    version: (there?.version ?? 0) + 1,
    name,
    labels,
    data: MARK_CONTENT,
    templating: null,
  });
}

/** What `writeMark` wrote, or null. */
export function readMark(
  model: SwarmModel,
  stackName: string,
): Readonly<Record<string, string>> | null {
  const there = findMark(model, stackName);
  if (!there) return null;
  const { [STACK_LABELS.namespace]: _stack, ...labels } = there.labels;
  return labels;
}

function findMark(model: SwarmModel, stackName: string): LiveFile | undefined {
  const name = `${stackName}_release`;
  const there = model.files.config.get(name);
  if (!there || Buffer.from(there.data ?? []).equals(MARK_CONTENT)) return there;
  const action = `reading the release of stack ${stackName}`;
  throw new SkepError("stack_not_owned", `${action}: the config ${name} is not Skep's`);
}
