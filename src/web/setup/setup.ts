import { once } from "node:events";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { run, type Server } from "probot";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { createSystemClock } from "../../clock.ts";
import { createRandomIds } from "../../ids.ts";
import { toSkepError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { saveAppCredentials } from "./app-credentials.ts";
import { type NodeHandler, WEBHOOK_PATH } from "../intake/intake.ts";
import { createServer } from "../server.ts";
import { createSetupDoor } from "./setup-door.ts";

/** What the set-up page needs of the settings. */
export interface SetupSettings {
  /** Where GitHub and people will reach Skep. */
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
}

/** A running set-up page. */
export interface RunningSetup {
  close(): Promise<void>;
}

const PROJECT = join(import.meta.dirname, "../../..");
const created = z.object({
  APP_ID: z.string(),
  PRIVATE_KEY: z.string(),
  WEBHOOK_SECRET: z.string(),
});

/**
 * Serves Probot's page that creates the GitHub App from `app.yml`, for the holder of the link printed at start, and
 * writes what GitHub tells into the data folder. Changes the process's working folder: that is where Probot looks.
 */
export async function startSetup(settings: SetupSettings, log: Logger): Promise<RunningSetup> {
  const clock = createSystemClock();
  const key = createRandomIds(() => clock.now()).secret(16);
  const probot = await startProbot(settings);
  const door = createSetupDoor({
    key,
    target: `http://127.0.0.1:${probot.port}`,
    isHttps: settings.baseUrl.startsWith("https:"),
  });
  const { host, port } = settings;
  const server = await createServer({
    intake: notYet,
    web: { fetch: door },
    host,
    port,
    clock,
    log,
  });
  if (/^https?:\/\/(localhost|127\.|\[::1\])/.test(settings.baseUrl))
    log.warn({ url: settings.baseUrl }, "GitHub cannot reach this address: set SKEP_URL first");
  say(`Create the GitHub App here: ${settings.baseUrl}/?key=${key}`);
  return {
    async close() {
      await server.close();
      await probot.stop();
    },
  };
}

const notYet: NodeHandler = (_request, response) => {
  response.writeHead(503, { "content-type": "text/plain" }).end("the App is not set up yet\n");
  return Promise.resolve();
};

/** Probot's own server on loopback; the door in front of it decides who gets there. */
async function startProbot(settings: SetupSettings): Promise<Server> {
  const folder = join(settings.dataDir, "setup");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "app.yml"), await manifest(settings.baseUrl));
  await copyFile(join(PROJECT, "package.json"), join(folder, "package.json"));
  process.chdir(folder);
  // Probot refuses its set-up page in production, and else would ask a service on the Internet for a channel.
  process.env["NODE_ENV"] = "development";
  process.env["NO_SMEE_SETUP"] = "true";
  return run(() => undefined, {
    env: { HOST: "127.0.0.1", PORT: String(await freePort()) },
    log: pino({ level: "error" }),
    updateEnv: (env) => {
      keep(settings.dataDir, env).catch((thrown: unknown) => {
        say(`keeping the App's settings: ${toSkepError(thrown).message}; create the App again`);
      });
      return env;
    },
  });
}

/** `app.yml` with the addresses of this Skep. Probot puts it between single quotes into its page. */
async function manifest(baseUrl: string): Promise<string> {
  const yaml: unknown = parse(await readFile(join(PROJECT, "app.yml"), "utf8"));
  const address = baseUrl.replaceAll("'", "%27");
  return stringify({
    ...z.record(z.string(), z.unknown()).parse(yaml),
    hook_attributes: { url: `${address}${WEBHOOK_PATH}`, active: true },
    redirect_url: `${address}/probot/setup`,
  });
}

async function keep(dataDir: string, env: unknown): Promise<void> {
  const { APP_ID, PRIVATE_KEY, WEBHOOK_SECRET } = created.parse(env);
  const file = await saveAppCredentials(dataDir, {
    appId: APP_ID,
    // Probot puts it between quotes, as for an .env file.
    privateKey: PRIVATE_KEY.replaceAll(/^"|"$/g, ""),
    webhookSecret: WEBHOOK_SECRET,
  });
  say(`The App has number ${JSON.stringify(APP_ID)}. Its settings are in ${file}.`);
  say("Install the App on your repositories, then start Skep again: it finds them there.");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}
