import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { runObjects } from "./cli/objects.ts";
import { appSettingsFile, readSettings } from "./env.ts";
import { toSkepError } from "./errors.ts";
import { createLogger } from "./logger.ts";
import { startSkep } from "./skep.ts";
import { SETTINGS_TABLE } from "./settings-table.ts";
import { VERSION } from "./version.ts";
import { startSetup } from "./web/setup/setup.ts";

const HELP = `skep ${VERSION}: GitOps deploys for Docker Swarm, as a GitHub App

  skep start       runs Skep; with no APP_ID it serves the page that creates the App
  skep objects     prints what a stack would create, touching no engine; skep objects --help tells how
  skep --help      this text
  skep --version   the version

Settings, from the environment:
${SETTINGS_TABLE.map(
  ({ name, fallback, description }) =>
    `  ${name.padEnd(22)} ${description}${fallback === null ? "" : ` (${fallback})`}`,
).join("\n")}`;

/** What the process is asked to do, `objects` apart; throws for words it does not know. */
function readCommand(args: readonly string[]): "start" | "help" | "version" {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, version: { type: "boolean", short: "v" } },
  });
  if (values.help) return "help";
  if (values.version) return "version";
  const [command = "start", ...rest] = positionals;
  if (command === "help") return "help";
  if (command !== "start" || rest.length > 0) {
    throw new Error(`unknown command "${positionals.join(" ")}"; skep --help lists them`);
  }
  return "start";
}

/** The set-up page leaves the App's credentials in the data folder; without an `APP_ID`, they are taken from there. */
function loadCreatedApp(): void {
  const file = appSettingsFile(process.env);
  if (!process.env["APP_ID"] && existsSync(file)) process.loadEnvFile(file);
}

async function start(): Promise<void> {
  loadCreatedApp();
  const settings = readSettings(process.env);
  const log = createLogger(settings.logLevel);
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.once(signal, () => resolve(signal));
  });
  const running =
    settings.mode === "setup" ? await startSetup(settings, log) : await startSkep(settings, log);
  const signal = await ended;
  log.info({ signal }, "ending");
  await running.close();
  log.info({}, "ended");
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints what a stack would create; gives the exit code. */
function objects(args: readonly string[]): number {
  const { exitCode, stdout, stderr } = runObjects(args);
  if (stderr !== "") process.stderr.write(`${stderr}\n`);
  if (stdout !== "") write(stdout);
  return exitCode;
}

try {
  const [first, ...rest] = process.argv.slice(2);
  if (first === "objects") process.exit(objects(rest));
  const command = readCommand(process.argv.slice(2));
  if (command === "help") write(HELP);
  else if (command === "version") write(VERSION);
  else await start();
  process.exit(0);
} catch (thrown) {
  const error = toSkepError(thrown);
  process.stderr.write(
    `skep: ${error.message}\n${error.nextStep === null ? "" : `${error.nextStep}\n`}`,
  );
  process.exit(1);
}
