import { expect, it } from "vitest";
import type { LiveNode } from "../../../src/deployer/ports.ts";
import { createObserver } from "../../../src/deployer/steps/observe.ts";
import { deployment } from "../../support/deployments.ts";
import { createFakeSwarm } from "../../support/fake-swarm.ts";
import { createSimulatedClock } from "../../support/simulated-clock.ts";

/** Looks each second; returns what each look knew of the nodes, by their names. */
async function looks(seconds: number, { isAlone = false, isResumed = false } = {}) {
  const clock = createSimulatedClock();
  const swarm = createFakeSwarm(clock);
  const [node] = (await swarm.survey()).nodes;
  if (node === undefined) throw new Error("the fake Swarm has no node");
  const away: LiveNode = { ...node, id: "away", hostname: "away", state: "down" };
  if (!isAlone) swarm.addNode(away);
  const live = await swarm.survey();
  const observe = createObserver({
    deps: { swarm, clock },
    deployment: () => deployment(),
    foundSource: () => (isResumed ? null : { live }),
    noteProgress: () => undefined,
  });
  const states: (string | undefined)[] = [];
  for (let second = 0; second < seconds; second++) {
    const { nodes } = await observe();
    states.push(nodes === null ? undefined : [...nodes.values()].join());
    // What it remembers would be of no use if it were never read again.
    if (second === 1) swarm.addNode({ ...away, state: "ready" });
    clock.advance(1_000);
  }
  return states;
}

it("knows from the first look on which of several nodes are away, and reads it again", async () => {
  expect(await looks(4)).toEqual(["ready,down", "ready,down", "ready,down", "ready,ready"]);
});

it("takes a Swarm that another process saw for one of several nodes", async () => {
  expect((await looks(1, { isResumed: true }))[0]).toBe("ready,down");
});

it("asks for a lone node only when it takes long", async () => {
  expect((await looks(3, { isAlone: true })).slice(0, 3)).toEqual([
    undefined,
    undefined,
    "ready,ready",
  ]);
});
