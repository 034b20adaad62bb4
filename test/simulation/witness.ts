import type { Swarm } from "../../src/deployer/ports.ts";
import type { ServiceSpec } from "../../src/swarm-objects.ts";
import type { Deployment, DeploymentState, Transition } from "../../src/deployment.ts";
import { isFinal, NEXT_STATES } from "../../src/deployment.ts";
import type { JournalEntry } from "../../src/store/ports.ts";
import type { FakeSwarm } from "../support/fake-swarm.ts";

/** One write of a service, and the deployment that made it. */
export interface ServiceWrite {
  readonly kind: "create" | "update" | "remove" | "mark";
  readonly name: string;
  readonly by: string | null;
  /** The deployment that the spec names; null for a removal. */
  readonly names: string | null;
}

/** Sees everything that happens, in all lives of the engine, and remembers what must not have happened. */
export interface Witness {
  readonly problems: readonly string[];
  readonly writes: readonly ServiceWrite[];
  /** What happened, for people who look for the reason of a problem. */
  readonly trail: readonly string[];
  tell(text: string): void;
  complain(problem: string): void;
  transition(transition: Transition): void;
  /** Takes note of what a run journals. */
  journalled(deploymentId: string, entry: JournalEntry): void;
  /** When a deployment was proved, so that it was marked; null when it never was. */
  provedAt(deploymentId: string): number | null;
  /** Takes the store's word after a crash, which may have come between a commit and its announcement. */
  resume(deployments: readonly Deployment[]): void;
  /** The Swarm, its writes noted. */
  watch(swarm: FakeSwarm): Swarm;
}

/** A witness of one story. */
export function createWitness(now: () => number): Witness {
  const problems: string[] = [];
  const writes: ServiceWrite[] = [];
  const trail: string[] = [];
  const states = new Map<string, { state: DeploymentState; lane: string }>();
  const provedAt = new Map<string, number>();
  const begin = now();

  function tell(text: string): void {
    trail.push(`${((now() - begin) / 1000).toFixed(2).padStart(8)} ${text}`);
  }
  function complain(problem: string): void {
    tell(`PROBLEM ${problem}`);
    problems.push(problem);
  }
  function running(lane: string): readonly string[] {
    return [...states]
      .filter(([, one]) => one.lane === lane && ["running", "rolling_back"].includes(one.state))
      .map(([id]) => id);
  }

  return {
    problems,
    writes,
    trail,
    tell,
    complain,
    journalled(deploymentId, { step, at }) {
      if (step === "mark" && !provedAt.has(deploymentId)) provedAt.set(deploymentId, at);
    },
    provedAt: (deploymentId) => provedAt.get(deploymentId) ?? null,
    transition({ deploymentId, from, to, phase, reason }) {
      tell(`${deploymentId} ${from ?? "none"} → ${to} (${phase ?? "no phase"}): ${reason}`);
      if (from !== null && !NEXT_STATES[from].includes(to)) {
        complain(`${deploymentId} went from ${from} to ${to}`);
      }
      const lane = states.get(deploymentId)?.lane ?? "";
      const known = states.get(deploymentId)?.state ?? null;
      if (known !== null && isFinal(known))
        complain(`${deploymentId} left its final state ${known}`);
      states.set(deploymentId, { state: to, lane });
      if (running(lane).length > 1) {
        complain(`at the same time in ${lane}: ${running(lane).join(", ")}`);
      }
    },
    resume(deployments) {
      for (const { id, state, lane } of deployments) states.set(id, { state, lane });
    },
    watch(swarm) {
      async function noted<T>(name: string, spec: ServiceSpec | null, act: () => Promise<T>) {
        const count = swarm.writes.length;
        try {
          return await act();
        } finally {
          const lane = spec?.Labels["skep.owner"] ?? laneOfService(name);
          for (const write of swarm.writes.slice(count)) {
            if (write.name !== name) continue;
            const names = spec?.Labels["skep.deployment"] ?? null;
            const by = running(lane)[0] ?? null;
            writes.push({ kind: write.kind, name, by, names });
            tell(`${by ?? "nobody"} wrote ${write.kind} ${name} naming ${names ?? "none"}`);
          }
        }
      }
      const laneOfService = (name: string): string =>
        [...states.values()].find(({ lane }) => name.includes(lane.split("/")[2] ?? "?"))?.lane ??
        "";
      return {
        ...swarm,
        createService: (spec) => noted(spec.Name, spec, () => swarm.createService(spec)),
        updateService: (at, spec) => noted(spec.Name, spec, () => swarm.updateService(at, spec)),
        removeService: (name) => noted(name, null, () => swarm.removeService(name)),
        markRelease: (name, labels) => noted(name, null, () => swarm.markRelease(name, labels)),
      };
    },
  };
}
