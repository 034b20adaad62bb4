import { checkFiles } from "./check-files.ts";
import { checkNetworks } from "./check-networks.ts";
import { checkNodes } from "./check-nodes.ts";
import { checkOwner } from "./check-owner.ts";
import { checkPorts } from "./check-ports.ts";
import { checkRoom } from "./check-room.ts";
import { checkVolumes } from "./check-volumes.ts";
import type { PreflightFinding } from "./finding.ts";
import type { PreflightRequest } from "./request.ts";
import type { ChangingService, PreflightView } from "./view.ts";

/**
 * Everything that is known to stop a plan, or to make it worth a look, before anything is touched. Services that are
 * kept are left alone: they run already. Pure. Folders of nodes are not looked at: only the nodes know them.
 */
export function preflight(request: PreflightRequest): readonly PreflightFinding[] {
  const findings: PreflightFinding[] = [];
  const view: PreflightView = {
    ...request,
    changing: changingServices(request),
    report: (finding) => void findings.push(finding),
  };
  checkOwner(view);
  checkPorts(view);
  checkNetworks(view);
  checkFiles(view);
  checkVolumes(view);
  checkNodes(view);
  checkRoom(view);
  return findings;
}

function changingServices({ plan, release }: PreflightRequest): readonly ChangingService[] {
  const effects = new Map(plan.operations.map(({ target, effect }) => [target, effect]));
  return plan.services.flatMap((planned) => {
    const service = release.services.find(({ key }) => key === planned.key);
    if (planned.kind === "keep" || service === undefined) return [];
    const effect = effects.get(`service ${planned.spec.Name}`);
    const isReplacing =
      planned.kind === "update" && (effect === "rolling_update" || effect === "restart");
    return [{ key: `services.${planned.key}`, release: service, planned, isReplacing }];
  });
}
