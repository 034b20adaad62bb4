import { afterEach, beforeEach, expect, it } from "vitest";
import type { Swarm } from "../../../src/deployer/ports.ts";
import { SkepError } from "../../../src/errors.ts";
import { openRunWorld, type RunWorld } from "../../support/run-world.ts";

const FIRST = "service:\n  image: good:1\n";
const SECOND = "service:\n  image: good:2\n";

let world: RunWorld;

beforeEach(async () => {
  world = await openRunWorld();
  for (const image of ["good:1", "good:2"]) world.builder.addRemoteImage(image);
});
afterEach(async () => world.cleanUp());

/** Deploys and tells which reads of the whole Swarm and writes of services that took, in order. */
async function callsOf(id: string, text: string): Promise<readonly string[]> {
  const calls: string[] = [];
  const told = ["survey", "createService", "updateService", "markRelease"];
  const swarm = new Proxy<Swarm>(world.swarm, {
    get(object, key, receiver) {
      if (told.includes(String(key))) calls.push(String(key));
      return Reflect.get(object, key, receiver);
    },
  });
  await world.accept(id, text);
  expect(await world.run(world.deps({ swarm }))).toMatchObject({ state: "succeeded" });
  return calls;
}

/** Up to the last write of a service: afterwards it is the nodes that are looked at. */
function untilSent(calls: readonly string[]): readonly string[] {
  return calls.slice(0, calls.findLastIndex((call) => call.endsWith("Service")) + 1);
}

it("carries out the plan that was just made, without looking at the Swarm again", async () => {
  const [source, plan, mark] = ["survey", "survey", "survey"];
  const created = await callsOf("dep_1", FIRST);
  expect(untilSent(created)).toEqual([source, plan, "createService"]);
  // What has run for long is proved at once.
  world.clock.advance(60_000);
  expect(await callsOf("dep_2", FIRST)).toEqual([source, plan, "markRelease", mark]);
  const updated = await callsOf("dep_3", SECOND);
  expect(untilSent(updated)).toEqual([source, plan, "updateService"]);
});

it("plans anew when the Swarm has moved on since", async () => {
  await callsOf("dep_1", FIRST);
  const conflict = new SkepError("swarm_conflict", "update out of sequence", { retryable: true });
  world.swarm.failNext("updateService", conflict);
  const calls = await callsOf("dep_2", SECOND);
  const [source, plan, anew] = ["survey", "survey", "survey"];
  expect(untilSent(calls)).toEqual([source, plan, "updateService", anew, "updateService"]);
});
