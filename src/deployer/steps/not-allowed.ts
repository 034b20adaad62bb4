import type { Failure } from "../../deployment.ts";
import { checkGuard } from "../../guard/check-guard.ts";
import { claimedHosts } from "../../guard/check-hosts.ts";
import type { GuardFinding } from "../../guard/finding.ts";
import { mayDeploy, rulesFor } from "../../guard/rules-for.ts";
import { annotateRemark } from "../../policy/config/check-service.ts";
import type { StackDraft } from "../../release.ts";
import type { Place } from "../../stack/locate.ts";
import type { LiveCluster } from "../ports.ts";
import type { Run } from "../run.ts";

/** Everything of a stack that the operator does not allow its repository; null when all of it is. */
export function refuseNotAllowed(
  run: Run,
  {
    stack,
    locate,
    live,
  }: {
    readonly stack: StackDraft;
    /** Where a key stands; null when nobody knows any more, as of an older release. */
    readonly locate: ((key: string) => Place) | null;
    readonly live: LiveCluster;
  },
): Failure | null {
  const { repository, stackName } = run.deployment();
  const { serverConfig, reservedPorts } = run.deps;
  const name = `${repository.owner}/${repository.name}`;
  if (!mayDeploy(serverConfig, name)) return refuseRepository(name);
  const findings = checkGuard({
    draft: stack,
    reservedPorts,
    stackName,
    rules: rulesFor(serverConfig, name),
    claimedHosts: claimedHosts(
      live.services.map(({ spec }) => spec),
      stackName,
    ),
  });
  const [first] = findings;
  if (first === undefined) return null;
  const more = findings.length === 1 ? "" : `, and ${findings.length - 1} more`;
  return {
    code: "not_allowed",
    phase: "pre_build",
    summary: `the operator of this Skep does not allow ${first.key}${more}; nothing was built or deployed`,
    ...told(findings, locate),
  };
}

/** On the lines where it stands, or where nobody knows these, one after the other. */
function told(
  findings: readonly GuardFinding[],
  locate: ((key: string) => Place) | null,
): Pick<Failure, "evidence" | "nextStep" | "annotations"> {
  if (locate === null) {
    return {
      evidence: findings.map(({ key, message }) => `${key}: ${message}`),
      nextStep: "Ask the operator to allow it in skep.server.yml, or deploy a version without it.",
      annotations: [],
    };
  }
  return {
    evidence: [],
    nextStep:
      "See the marked lines: each says what to do without, or what to ask the operator for.",
    annotations: findings.map((finding) =>
      annotateRemark({ ...finding, ...locate(finding.key) }, "failure"),
    ),
  };
}

function refuseRepository(name: string): Failure {
  return {
    code: "not_allowed",
    phase: "pre_build",
    summary: `the operator of this Skep does not let ${name} deploy`,
    evidence: [],
    nextStep: "Ask the operator to list the repository under `repositories` in skep.server.yml.",
    annotations: [],
  };
}
