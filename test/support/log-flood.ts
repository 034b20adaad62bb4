import { createSystemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/logger.ts";
import { createLogStore } from "../../src/logs/log-store.ts";
import { logEntry } from "./log-entries.ts";

/** A program that logs without end, telling how far it is and when, until it is killed. */
const file = process.argv[2] ?? "";
const store = await createLogStore({
  file,
  clock: createSystemClock(),
  log: createLogger("silent"),
});
let count = 0;
setInterval(() => {
  store.append("dep_1", [logEntry(`line ${++count}`), logEntry(`line ${++count}`)]);
  process.stdout.write(`${JSON.stringify({ count, at: Date.now() })}\n`);
}, 2);
