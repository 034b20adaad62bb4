import { expect, it } from "vitest";
import { createNudge } from "../../../src/deployer/steps/nudge.ts";
import type { ServiceSpec } from "../../../src/swarm-objects.ts";
import { aService, aTask } from "../rollout/rollout-builders.ts";

const waiting = aTask({ id: "waiting", state: "ready", desiredState: "ready" });
const neverRan = aTask({ id: "never", state: "pending", desiredState: "shutdown", nodeId: null });

/** Looks at these tasks at these times; returns what was sent to the Swarm. */
async function nudged(looks: readonly (readonly [now: number, isStuck: boolean])[]) {
  const sent: ServiceSpec[] = [];
  const swarm = {
    updateService: (_: object, spec: ServiceSpec) => Promise.resolve(void sent.push(spec)),
  };
  const nudge = createNudge({ deps: { swarm }, say: () => undefined });
  for (const [now, isStuck] of looks) {
    const tasks = isStuck ? [waiting, neverRan] : [waiting];
    await nudge({ now, tasks, service: aService() });
  }
  return sent;
}

it("forces Swarm on once a slot has been stuck for a second, and changes nothing else", async () => {
  const { spec } = aService();
  const forced = { ...spec.TaskTemplate, ForceUpdate: spec.TaskTemplate.ForceUpdate + 1 };
  expect(
    await nudged([
      [0, true],
      [1_000, true],
      [1_050, true],
    ]),
  ).toEqual([{ ...spec, TaskTemplate: forced }]);
});

it("leaves a slot alone that goes on by itself", async () => {
  expect(
    await nudged([
      [0, true],
      [900, false],
      [1_000, true],
      [1_900, true],
    ]),
  ).toEqual([]);
});

it("gives up after three times", async () => {
  const looks = Array.from({ length: 20 }, (_, index) => [index * 1_000, true] as const);
  expect(await nudged(looks)).toHaveLength(3);
});
