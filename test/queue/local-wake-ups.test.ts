import { wakeUpsContract } from "../contracts/wake-ups.ts";
import { createLocalWakeUps } from "../support/local-wake-ups.ts";

wakeUpsContract("in memory", () => {
  const wakeUps = createLocalWakeUps();
  return Promise.resolve({ wakeUps, cleanUp: () => wakeUps.close() });
});
