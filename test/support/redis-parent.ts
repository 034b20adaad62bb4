import { createSystemClock } from "../../src/clock.ts";
import { startRedis } from "../../src/queue/redis-child.ts";

// A process with a private Redis, to be killed by a test. Argument: the folder.
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
await startRedis({ dir: process.argv[2] ?? "", clock: createSystemClock(), log });
process.stdout.write("ready\n");
await new Promise(() => process.stdin.resume());
