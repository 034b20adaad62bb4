import type { Platform } from "../../release.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { type Constraint, parseConstraint } from "../../swarm-constraint.ts";
import type { LiveNode } from "../ports.ts";

/** The other names that nodes and images have for one architecture. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv6l: "arm",
  armv7l: "arm",
  i386: "386",
  i686: "386",
};

/** The nodes that take tasks at all. */
export function workingNodes(nodes: readonly LiveNode[]): readonly LiveNode[] {
  return nodes.filter(({ state, availability }) => state === "ready" && availability === "active");
}

/** The nodes that a service's constraints let its tasks run on. */
export function fittingNodes(nodes: readonly LiveNode[], spec: ServiceSpec): readonly LiveNode[] {
  const constraints = spec.TaskTemplate.Placement.Constraints ?? [];
  return workingNodes(nodes).filter((node) => constraints.every((text) => isFit(node, text)));
}

/** Whether a node meets a constraint, by swarmkit's rules; what only the node knows counts as met. */
export function isFit(node: LiveNode, text: string): boolean {
  const constraint = parseConstraint(text);
  if (constraint === null) return false;
  const values = valuesOf(node, constraint.key);
  if (values === "unknown") return true;
  return values.some((value) => matches(constraint, value));
}

function matches({ isEqual, value }: Constraint, found: string): boolean {
  return (value.toLowerCase() === found.toLowerCase()) === isEqual;
}

/** What a key stands for; several where it has several spellings, none where swarmkit knows no such key. */
function valuesOf(node: LiveNode, key: string): readonly string[] | "unknown" {
  const name = key.toLowerCase();
  switch (name) {
    case "node.id":
      return [node.id];
    case "node.hostname":
      return [node.hostname];
    case "node.role":
      return [node.role];
    case "node.ip":
      return "unknown";
    case "node.platform.os":
      return [node.platform.os];
    case "node.platform.arch":
      return spellings(node.platform.architecture);
  }
  for (const [prefix, labels] of [
    ["node.labels.", node.labels],
    ["engine.labels.", node.engineLabels],
  ] as const) {
    // A label that is missing is an empty one: it differs from every value.
    if (name.startsWith(prefix) && name.length > prefix.length) {
      const label = key.slice(prefix.length);
      return [Object.hasOwn(labels, label) ? (labels[label] ?? "") : ""];
    }
  }
  return [];
}

function spellings(architecture: string): readonly string[] {
  const plain = plainArchitecture(architecture);
  const others = Object.entries(ARCHITECTURES).filter(([, name]) => name === plain);
  return [plain, ...others.map(([name]) => name)];
}

/** The platforms of an image that a node can run; null when that cannot be told. */
export function runsOn(platforms: readonly Platform[], node: LiveNode): boolean {
  return platforms.some(
    ({ os, architecture }) =>
      os === node.platform.os &&
      plainArchitecture(architecture) === plainArchitecture(node.platform.architecture),
  );
}

function plainArchitecture(name: string): string {
  const small = name.toLowerCase();
  return Object.hasOwn(ARCHITECTURES, small) ? (ARCHITECTURES[small] ?? small) : small;
}

/** Nodes by name, for people. */
export function nameNodes(nodes: readonly LiveNode[]): string {
  const shown = nodes.slice(0, 5).map(({ hostname, id }) => hostname || id);
  const more = nodes.length > shown.length ? ` and ${nodes.length - shown.length} more` : "";
  return `${shown.join(", ")}${more}`;
}
