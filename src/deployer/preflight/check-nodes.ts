import type { LiveNode } from "../ports.ts";
import { fittingNodes, isFit, nameNodes, runsOn, workingNodes } from "./fitting-nodes.ts";
import { type TaskCount, taskCount } from "./task-count.ts";
import { type ChangingService, fail, type PreflightView, warn } from "./view.ts";

/** Whether each service finds nodes: by its constraints, and by what its image is made for. */
export function checkNodes(view: PreflightView): void {
  const { nodes } = view.live;
  // A Swarm has one at least: nobody has asked.
  if (nodes.length === 0) return;
  for (const service of view.changing) {
    const count = taskCount(service.release.spec);
    if (count.tasks === 0) continue;
    const fitting = fittingNodes(nodes, service.release.spec);
    if (fitting.length === 0) reportNone(view, service, count);
    else checkPlatforms(view, service, fitting);
  }
}

function reportNone(
  view: PreflightView,
  { key, release }: ChangingService,
  count: TaskCount,
): void {
  const { nodes } = view.live;
  const constraints = release.spec.TaskTemplate.Placement.Constraints ?? [];
  const working = workingNodes(nodes);
  const index = constraints.findIndex((text) => !working.some((node) => isFit(node, text)));
  const single = constraints[index];
  const place = index === -1 ? "" : `.constraints[${index}]`;
  const which = single === undefined ? constraints.join(" and ") : single;
  const report = count.isGlobal ? warn : fail;
  report(view, {
    code: "no_suitable_node",
    key: constraints.length === 0 ? key : `${key}.deploy.placement${place}`,
    summary:
      working.length === 0
        ? `no node takes tasks: ${nameNodes(nodes)} ${nodes.length === 1 ? "is" : "are"} down, drained or paused`
        : `no node meets the placement constraint${single === undefined ? "s" : ""} ${which} (nodes: ${nameNodes(working)})`,
    nextStep: nextStepFor(single, working),
  });
}

function nextStepFor(constraint: string | undefined, working: readonly LiveNode[]): string {
  if (working.length === 0) return "Make a node active (docker node update --availability active).";
  return constraint?.toLowerCase().includes("labels.")
    ? "Change deploy.placement.constraints, or label a node (docker node update --label-add)."
    : "Change deploy.placement.constraints, or add a node that meets them.";
}

function checkPlatforms(
  view: PreflightView,
  { key, release }: ChangingService,
  fitting: readonly LiveNode[],
): void {
  const { reference } = release.image;
  const known = Object.hasOwn(view.images, reference) ? (view.images[reference] ?? []) : [];
  // What stands beside an image, such as how it was built, has no platform.
  const platforms = known.filter(
    ({ os, architecture }) => os !== "" && architecture !== "" && os !== "unknown",
  );
  const unable = fitting.filter((node) => !runsOn(platforms, node));
  if (platforms.length === 0 || unable.length === 0) return;
  const list = [...new Set(platforms.map(({ os, architecture }) => `${os}/${architecture}`))];
  const isNone = unable.length === fitting.length;
  const report = isNone ? fail : warn;
  report(view, {
    code: "no_suitable_node",
    key: `${key}.image`,
    summary: `the image ${reference} is for ${list.join(", ")}, which ${nameNodes(unable)} cannot run`,
    nextStep: isNone
      ? "Use an image for the nodes' platform, or add a node for the image's."
      : "Add a constraint on `node.platform.arch`, so that tasks go to the other nodes only.",
  });
}
