import { describe, expect, it } from "vitest";
import { aFile, aLiveService, aNetwork, aService, aSpec, plan } from "./stacks.ts";

const SERVICES = 50;
const CHANGES = 20;
const ROUNDS = 15;
/** A plan may cost this many times what reading its input as JSON costs; seen are about 40 (14 ms). */
const MOST_TIMES = 200;

describe("the speed of a plan", () => {
  it("stays within a few times that of reading its input, for 50 services with 20 changes each", () => {
    const keys = Array.from({ length: SERVICES }, (_, index) => `service${index}`);
    const env = (value: string) =>
      Array.from({ length: CHANGES }, (_, index) => `VARIABLE_${index}=${value}`);
    const release = {
      services: keys.map((key) => aService(key, { container: { Env: env("https://a@b/c") } })),
      networks: [aNetwork("default")],
      configs: keys.map((key) => aFile(key, key)),
    };
    const live = {
      services: keys.map((key) =>
        aLiveService({ ...aSpec(key, { container: { Env: env("x") } }) }),
      ),
    };
    const text = JSON.stringify([release, live]);
    const planned = plan(release, live);
    expect(planned.operations.flatMap(({ changes }) => changes)).toHaveLength(SERVICES * CHANGES);

    const planMs = fastest(() => plan(release, live));
    const readMs = fastest(() => JSON.parse(text));
    expect(planMs / readMs).toBeLessThan(MOST_TIMES);
  });
});

/** The fastest of some rounds, in milliseconds: whatever else the machine does only makes it slower. */
function fastest(run: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}
