import { swarmContract } from "../contracts/swarm.ts";
import { createFakeSwarm } from "./fake-swarm.ts";
import { createSimulatedClock } from "./simulated-clock.ts";

const STEP_MS = 50;
const LIMIT_MS = 60_000;

swarmContract("fake", async () => {
  const clock = createSimulatedClock();
  const swarm = createFakeSwarm(clock);
  swarm.addNetwork("contract-net");
  const lines = ["first", "second"];
  swarm.script("prints:1", { lines });
  swarm.script("exits_3:1", { does: { kind: "exits", afterMs: 20, code: 3 }, lines });
  const output = ["not well"];
  swarm.script("unhealthy:1", { does: { kind: "unhealthy", output, code: 137 } });
  swarm.script("unhealthy_polite:1", { does: { kind: "unhealthy", output, code: 0 } });
  swarm.script("no_image:1", { does: { kind: "no_image" } });
  return {
    swarm,
    prefix: "contract",
    network: "contract-net",
    container: (behaviour) => ({ Image: `${behaviour}:1` }),
    until: async (condition, holds) => {
      const end = clock.now() + LIMIT_MS;
      while (!(await holds())) {
        if (clock.now() > end) throw new Error(`waiting until ${condition}: it never was`);
        clock.advance(STEP_MS);
      }
    },
    cleanUp: async () => undefined,
  };
});
