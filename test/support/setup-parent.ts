import { readSettings } from "../../src/env.ts";
import { createLogger } from "../../src/logger.ts";
import { startSetup } from "../../src/web/setup/setup.ts";

// A process that only serves the set-up page, with settings from its environment; ends on SIGTERM.
const settings = readSettings(process.env);
const running = await startSetup(settings, createLogger("error"));
process.once("SIGTERM", () => {
  void running.close().then(() => process.exit(0));
});
