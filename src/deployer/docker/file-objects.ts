import { z } from "zod";
import { STACK_LABELS, type FileSpec } from "../../swarm-objects.ts";
import type { FileKind, LiveFile, Swarm } from "../ports.ts";
import type { DockerClient } from "./client.ts";
import { readAnswer, refusalError } from "./engine-failure.ts";
import { readList } from "./engine-list.ts";
import { labels } from "./service-spec.ts";
import { conflict, fileMissing, rejected, writeError } from "./write-error.ts";

const ATTEMPTS = 5;

const fileAnswer = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({
    Name: z.string(),
    Labels: labels,
    Data: z.string().nullish(),
    Templating: z.looseObject({ Name: z.string() }).nullish(),
  }),
});

type FileAnswer = z.infer<typeof fileAnswer>;

/** Creates, relabels and removes configs and secrets. */
export function createFileObjects(
  client: DockerClient,
): Pick<Swarm, "createFile" | "labelFile" | "removeFile"> {
  return {
    createFile: async (kind, spec) => await createFile(client, kind, spec),
    labelFile: async (kind, name, given) => await labelFile(client, kind, name, given),
    removeFile: async (kind, name) => await removeFile(client, kind, name),
  };
}

/** All configs, or all secrets, of the Swarm. */
export async function listFiles(
  client: DockerClient,
  kind: FileKind,
): Promise<readonly LiveFile[]> {
  const action = `listing the ${kind}s`;
  const files = await readList(client, { action, path: `/${kind}s`, item: fileAnswer });
  return files.map(({ ID, Version, Spec }) => ({
    id: ID,
    version: Version.Index,
    name: Spec.Name,
    labels: Spec.Labels,
    data: kind === "config" ? Uint8Array.from(Buffer.from(Spec.Data ?? "", "base64")) : null,
    templating: Spec.Templating?.Name || null,
  }));
}

/** The IDs of configs or secrets by name, in one read. Throws `file_not_found` when one is missing. */
export async function fileIds(
  client: DockerClient,
  kind: FileKind,
  names: ReadonlySet<string>,
  action: string,
): Promise<ReadonlyMap<string, string>> {
  if (names.size === 0) return new Map();
  // The engine's filter also finds longer names.
  const filters = { name: [...names] };
  const found = await readList(client, { action, path: `/${kind}s`, filters, item: fileAnswer });
  const ids = new Map(found.map(({ ID, Spec }) => [Spec.Name, ID]));
  const missing = [...names].filter((name) => !ids.has(name));
  if (missing.length > 0) throw fileMissing(action, `${kind} not found: ${missing.join(", ")}`);
  return ids;
}

async function createFile(client: DockerClient, kind: FileKind, spec: FileSpec): Promise<void> {
  const action = `creating ${kind} ${spec.Name}`;
  const answer = await client.request({
    action,
    method: "POST",
    path: `/${kind}s/create`,
    body: spec,
  });
  if (answer.kind === "ok") return;
  if (answer.status !== 409) throw writeError(action, answer);
  const there = await findFile(client, kind, spec.Name, action);
  if (there === null) throw conflict(action, answer.message);
  if (!isSame(there, spec)) throw rejected(action, answer.message);
}

/** Whether what is there is what was to be made, so that a call whose answer was lost may be made again. */
function isSame({ Spec }: FileAnswer, wanted: FileSpec): boolean {
  const names = new Set([...Object.keys(Spec.Labels), ...Object.keys(wanted.Labels)]);
  const isLabelled = [...names].every((name) => Spec.Labels[name] === wanted.Labels[name]);
  const isOfStack = wanted.Labels[STACK_LABELS.namespace] !== undefined;
  const hasData = Spec.Data === undefined || Spec.Data === null || Spec.Data === wanted.Data;
  return isOfStack && isLabelled && hasData;
}

async function labelFile(
  client: DockerClient,
  kind: FileKind,
  name: string,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  const action = `labelling ${kind} ${name}`;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const file = await findFile(client, kind, name, action);
    if (file === null) throw fileMissing(action, `${kind} not found: ${name}`);
    const answer = await client.request({
      action,
      method: "POST",
      path: `/${kind}s/${encodeURIComponent(file.ID)}/update`,
      query: { version: file.Version.Index },
      body: { ...file.Spec, Labels: given },
    });
    if (answer.kind === "ok") return;
    const isStale = /out of sequence/iu.test(answer.message);
    if (!isStale && answer.status !== 404) throw writeError(action, answer);
  }
  throw conflict(action, "somebody else keeps changing it");
}

async function removeFile(client: DockerClient, kind: FileKind, name: string): Promise<void> {
  const action = `removing ${kind} ${name}`;
  const file = await findFile(client, kind, name, action);
  if (file === null) return;
  const path = `/${kind}s/${encodeURIComponent(file.ID)}`;
  const answer = await client.request({ action, method: "DELETE", path });
  if (answer.kind === "ok" || answer.status === 404) return;
  if (!/ is in use /iu.test(answer.message)) throw refusalError(action, answer);
}

/** The engine also finds files by the beginning of an ID, so the name is compared. */
async function findFile(
  client: DockerClient,
  kind: FileKind,
  name: string,
  action: string,
): Promise<FileAnswer | null> {
  const path = `/${kind}s/${encodeURIComponent(name)}`;
  const answer = await client.request({ action, method: "GET", path });
  if (answer.kind === "refused") {
    if (answer.status === 404) return null;
    throw refusalError(action, answer);
  }
  const file = readAnswer(fileAnswer, answer.body, action);
  return file.Spec.Name === name ? file : null;
}
