import type { StackDraft } from "../release.ts";
import { fileBody, networkBody, serviceBody } from "./bodies.ts";
import { checkContainer } from "./check-container.ts";
import { checkFileObject, checkFileReferences } from "./check-files.ts";
import { checkHosts } from "./check-hosts.ts";
import { checkImage } from "./check-image.ts";
import { checkServiceCount, checkLimits } from "./check-limits.ts";
import { checkMounts } from "./check-mounts.ts";
import { checkAttachments, checkNetwork } from "./check-networks.ts";
import { checkOwnName } from "./check-names.ts";
import { checkPlacement } from "./check-placement.ts";
import { checkPorts } from "./check-ports.ts";
import type { GuardFinding, GuardView } from "./finding.ts";
import { knownBody } from "./known-fields.ts";
import type { GuardRules } from "./rules.ts";

/** What is looked at, and by which rules. */
export interface GuardRequest {
  readonly draft: StackDraft;
  readonly stackName: string;
  /** Those of the repository, see `rulesFor`. */
  readonly rules: GuardRules;
  /** Host names that other stacks are reached by, with the stack of each, see `claimedHosts`. */
  readonly claimedHosts: ReadonlyMap<string, string>;
  /** Ports that nothing may publish, as Skep's own. */
  readonly reservedPorts?: readonly number[];
}

/** Everything of a stack that the operator does not allow; nothing when all of it is. Pure, and never throws. */
export function checkGuard(request: GuardRequest): readonly GuardFinding[] {
  const { draft, stackName, rules } = request;
  const findings: GuardFinding[] = [];
  const view: GuardView = {
    stackName,
    rules,
    refuse(key, problem, advice = "Do without it") {
      findings.push({ code: "not_allowed", key, message: `${problem}. ${advice}.` });
    },
  };
  checkServiceCount(view, draft.services.length);
  for (const service of draft.services) checkService(view, request, service);
  for (const network of draft.networks) {
    const key = keyOf("networks", stackName, network.Name);
    const body = knownBody(view, networkBody, { key, body: network });
    if (body !== null) checkNetwork(view, { key, body });
  }
  for (const kind of ["configs", "secrets"] as const) {
    for (const file of draft[kind]) {
      const key = `${kind}.${file.key}`;
      const body = knownBody(view, fileBody, { key, body: file.spec });
      if (body !== null) checkFileObject(view, kind, { key, body });
    }
  }
  return findings;
}

function checkService(
  view: GuardView,
  { draft, claimedHosts, reservedPorts = [] }: GuardRequest,
  service: StackDraft["services"][number],
): void {
  const key = `services.${service.key}`;
  const body = knownBody(view, serviceBody, { key, body: service.spec });
  if (body === null) return;
  const object = { key, body };
  checkOwnName(view, object);
  checkImage(view, object);
  checkContainer(view, object);
  checkMounts(view, object);
  checkPorts(view, object, reservedPorts);
  checkPlacement(view, object);
  checkLimits(view, object);
  checkAttachments(view, object, new Set(draft.networks.map(({ Name }) => Name)));
  checkFileReferences(view, object, {
    configs: new Set(draft.configs.map(({ cliName }) => cliName)),
    secrets: new Set(draft.secrets.map(({ cliName }) => cliName)),
  });
  checkHosts(view, object, claimedHosts);
}

function keyOf(section: string, stackName: string, name: string): string {
  const prefix = `${stackName}_`;
  return name.startsWith(prefix) ? `${section}.${name.slice(prefix.length)}` : section;
}
