import type { PlanOperation, PlanRisk } from "../deployment.ts";

/** A risk and the Swarm object that it is about. */
export interface OutlinedRisk extends PlanRisk {
  readonly target: string;
}

/** A plan sorted for readers. Texts of operations and risks are as hostile as before. */
export interface PlanOutline {
  /** Of what changes, e.g. `1 to create, 2 to update`; empty when nothing does. */
  readonly totals: string;
  /** Of all operations, what loses data first. */
  readonly risks: readonly OutlinedRisk[];
  /** The operations that do something, in the plan's order. */
  readonly changing: readonly PlanOperation[];
  /** What stays as it is, e.g. `4 services, 2 networks unchanged`; empty when nothing does. */
  readonly unchanged: string;
}

/** From what cannot be undone to what is merely good to know. */
const GRAVITY: Readonly<Record<PlanRisk["code"], number>> = {
  volume_dropped: 0,
  volume_changed: 1,
  database_major_changed: 2,
  service_removed: 3,
  service_recreated: 4,
  port_moved: 5,
  replicas_lowered: 6,
  network_differs: 7,
  secret_unread: 9,
  image_unpinned: 10,
};

const CHANGING_KINDS = ["create", "update", "remove"] as const;
const OBJECT_KINDS = ["service", "network", "config", "secret"] as const;

/** Sorts a plan into what changes, what is risky about it, and how much stays as it is. */
export function outlinePlan(plan: readonly PlanOperation[]): PlanOutline {
  const changing = plan.filter(({ kind }) => kind !== "keep");
  const totals = CHANGING_KINDS.map((kind) => ({
    kind,
    count: changing.filter((operation) => operation.kind === kind).length,
  }));
  return {
    totals: totals
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${count} to ${kind}`)
      .join(", "),
    risks: plan
      .flatMap(({ target, risks }) => risks.map((risk) => ({ ...risk, target })))
      .toSorted((a, b) => GRAVITY[a.code] - GRAVITY[b.code]),
    changing,
    unchanged: sumUp(plan.filter(({ kind }) => kind === "keep")),
  };
}

function sumUp(kept: readonly PlanOperation[]): string {
  if (kept.length === 0) return "";
  const counted = OBJECT_KINDS.map((object) => ({
    object: object as string,
    count: kept.filter(({ target }) => target.startsWith(`${object} `)).length,
  }));
  const known = counted.reduce((sum, { count }) => sum + count, 0);
  const all = [...counted, { object: "other object", count: kept.length - known }];
  const shown = all
    .filter(({ count }) => count > 0)
    .map(({ object, count }) => `${count} ${object}${count === 1 ? "" : "s"}`);
  return `${shown.join(", ")} unchanged`;
}
