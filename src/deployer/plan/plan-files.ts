import type { PlanOperation } from "../../deployment.ts";
import type { ReleaseFile } from "../../release.ts";
import { isSkepLabel, releaseMarkName, SKEP_LABELS, STACK_LABELS } from "../../swarm-objects.ts";
import type { FileKind, LiveCluster, LiveFile, LiveService } from "../ports.ts";
import { nameFiles, type NamedFile } from "./file-names.ts";
import { risk } from "./risks.ts";
import { describeChange } from "./spec-diff.ts";
import type { PlannedFile } from "./stack-plan.ts";

/** Configs or secrets of a release, and the Swarm that they are for. */
export interface FilesPlanRequest {
  readonly kind: FileKind;
  readonly stackName: string;
  readonly files: readonly ReleaseFile[];
  readonly live: LiveCluster;
  /** The live services of the stack. */
  readonly services: readonly LiveService[];
  readonly serverKey: Uint8Array;
}

/** What is done to one config or secret, for the deployer and for people. */
export interface FilePlan {
  readonly planned: PlannedFile;
  readonly operation: PlanOperation;
}

/** Plans a release's configs or secrets, sorted by `cliName`. */
export function planFiles(request: FilesPlanRequest): readonly FilePlan[] {
  const { kind, stackName, live, services, serverKey } = request;
  const files = request.files.toSorted((one, other) => (one.cliName < other.cliName ? -1 : 1));
  const objects = kind === "config" ? live.configs : live.secrets;
  const named = nameFiles({
    kind,
    files,
    live: objects.filter((object) => isOfStack(object, kind, stackName)),
    referenced: new Set(services.flatMap((service) => referencedNames(service, kind))),
    serverKey,
  });
  return named.map((each) => planFile(kind, each));
}

/** The config `<stack>_release` is Skep's own mark, not one of the stack's. */
function isOfStack({ name, labels }: LiveFile, kind: FileKind, stackName: string): boolean {
  const isMark = kind === "config" && name === releaseMarkName(stackName);
  return labels[STACK_LABELS.namespace] === stackName && !isMark;
}

function referencedNames({ spec }: LiveService, kind: FileKind): readonly string[] {
  const { Configs = [], Secrets = [] } = spec.TaskTemplate.ContainerSpec;
  const references = kind === "config" ? Configs : Secrets;
  return references.flatMap(({ ConfigName, SecretName }) => ConfigName ?? SecretName ?? []);
}

function planFile(fileKind: FileKind, { file, name, live, ...told }: NamedFile): FilePlan {
  const { Data: _, ...rest } = file.spec;
  const Labels = { ...rest.Labels, [SKEP_LABELS.content]: file.contentKey };
  const spec = { ...rest, Name: name, Labels };
  const target = `${fileKind} ${name}`;
  if (live === null) {
    const reason = told.isNewVersion ? "its content is new" : "it does not exist yet";
    return {
      planned: { kind: "create", fileKind, file, spec },
      operation: { kind: "create", target, reason, effect: "none", changes: [], risks: [] },
    };
  }
  const { changes, isSaid } = compareLabels(live.labels, Labels);
  if (changes.length === 0 && isSaid) {
    const reason = "it is so already";
    return {
      planned: { kind: "keep", fileKind, file, spec },
      operation: { kind: "keep", target, reason, effect: "none", changes, risks: [] },
    };
  }
  const unread = `${name} cannot be read: it is taken to hold what ${file.path ?? "the release"} says`;
  return {
    planned: { kind: "label", fileKind, file, spec },
    operation: {
      kind: "update",
      target,
      reason: labelReason(isSaid, told.isUnread),
      effect: "none",
      changes,
      risks: told.isUnread ? [risk("secret_unread", unread)] : [],
    },
  };
}

function labelReason(isSaid: boolean, isUnread: boolean): string {
  if (isSaid) return "its labels differ";
  return isUnread
    ? "it is in use, and no label says what it holds"
    : "it has this content, but no label that says so";
}

function compareLabels(
  live: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): { readonly changes: readonly string[]; readonly isSaid: boolean } {
  const [before, after] = [new Map(Object.entries(live)), new Map(Object.entries(wanted))];
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const changes = names
    .filter((name) => !isSkepLabel(name) && before.get(name) !== after.get(name))
    .map((name) => describeChange(`labels.${name}`, before.get(name), after.get(name)));
  const isSaid = before.get(SKEP_LABELS.content) === after.get(SKEP_LABELS.content);
  return { changes, isSaid };
}
