import type { GitHub } from "../../src/checks/ports.ts";
import { githubError, type FakeGitHub } from "../support/fake-github.ts";
import type { FakeSwarm } from "../support/fake-swarm.ts";
import type { Agenda } from "./agenda.ts";
import type { SimulatedBuilder } from "./builder.ts";
import type { EngineFault } from "./faulty.ts";
import type { SimulatedRepository } from "./repository.ts";
import type { When } from "./scenario.ts";
import type { Witness } from "./witness.ts";

/** What goes away for a while, and what fails once. */
export interface Outages {
  engine(forMs: number): void;
  github(forMs: number): void;
  source(forMs: number): void;
  isGitHubAway(): boolean;
  engineFails(fault: EngineFault): void;
  /** The fault that a call of this method meets now. */
  takeFault(method: string): EngineFault | undefined;
  githubFails(method: keyof GitHub, when: When, retryAfterMs: number | null): void;
}

/** The outages of a world; those of the same part may overlap. */
export function createOutages(world: {
  readonly agenda: Agenda;
  readonly witness: Witness;
  readonly swarm: FakeSwarm;
  readonly builder: SimulatedBuilder;
  readonly repository: SimulatedRepository;
  readonly gitHub: FakeGitHub;
}): Outages {
  const { agenda, witness, swarm, builder, repository, gitHub } = world;
  const away = { engine: 0, github: 0, source: 0 };
  const faults: EngineFault[] = [];

  function apply(): void {
    swarm.setReachable(away.engine === 0);
    builder.setReachable(away.engine === 0);
    repository.setReachable(away.source === 0);
  }

  function begin(part: keyof typeof away, forMs: number): void {
    away[part] += 1;
    witness.tell(`${part} is away for ${forMs} ms`);
    apply();
    agenda.later(forMs, () => {
      away[part] -= 1;
      apply();
      if (away[part] === 0) witness.tell(`${part} is back`);
    });
  }

  return {
    engine: (forMs) => begin("engine", forMs),
    github: (forMs) => begin("github", forMs),
    source: (forMs) => begin("source", forMs),
    isGitHubAway: () => away.github > 0,
    engineFails(fault) {
      witness.tell(`the next ${fault.method} fails ${fault.when}`);
      faults.push(fault);
    },
    takeFault(method) {
      const index = faults.findIndex((fault) => fault.method === method);
      return index < 0 ? undefined : faults.splice(index, 1)[0];
    },
    githubFails(method, when, retryAfterMs) {
      witness.tell(`the next ${method} fails ${when}`);
      const asked = retryAfterMs === null ? {} : { retryAfterMs };
      const failure = () => githubError(retryAfterMs === null ? 502 : 403, asked);
      if (when === "before") gitHub.fail({ method }, failure);
      else gitHub.failAfter({ method }, failure);
    },
  };
}
