// Run as a program by the intake bench: Skep's intake with its server and store, and nobody who decides meanwhile.
import { createSystemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/logger.ts";
import { openThreadedStore } from "../../src/store/threaded-store.ts";
import { createIntake } from "../../src/web/intake/intake.ts";
import { createServer } from "../../src/web/server.ts";
import { readyMessage, readSettings } from "./receiver.ts";

const { secret, path } = readSettings();
const clock = createSystemClock();
const log = createLogger("info");
const store = await openThreadedStore(path);
const intake = createIntake({ secret, inbox: store.inbox, clock, log, onStored: () => undefined });
const web = { fetch: () => new Response(null, { status: 404 }) };
const server = await createServer({ intake, web, host: "127.0.0.1", port: 0, clock, log });
process.once("disconnect", () => process.exit(0));
process.send?.(readyMessage(Number(new URL(server.address).port)));
