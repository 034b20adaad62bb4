import { Readable } from "node:stream";
import { builderContract } from "../contracts/builder.ts";
import { createFakeBuilder } from "./fake-builder.ts";
import { createSimulatedClock } from "./simulated-clock.ts";

builderContract("fake", async () => {
  const clock = createSimulatedClock();
  const builder = createFakeBuilder(clock);
  builder.script({ lines: ["hello"] });
  builder.addRemoteImage("present:1");
  builder.addRemoteImage("remote:1");
  await builder.pull("present:1", new AbortController().signal);
  return {
    builder,
    presentImage: "present:1",
    missingImage: "missing:1",
    remoteImage: "remote:1",
    context: () => Readable.from([]),
    tag: "built:1",
    settle: async (call) => {
      let isSettled = false;
      const end = (): void => void (isSettled = true);
      call.then(end, end);
      while (!isSettled) {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(100);
      }
      return await call;
    },
    cleanUp: async () => undefined,
  };
});
