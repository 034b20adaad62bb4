import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SkepError } from "./errors.ts";
import { createSensitive, type Sensitive } from "./sensitive.ts";
import { SETTINGS_TABLE } from "./settings-table.ts";

/** How Skep is set up, apart from the App itself. Durations are milliseconds, sizes bytes. */
export interface CommonSettings {
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** The operator's `skep.server.yml`; it must be there when the operator named it. */
  readonly serverConfig: { readonly path: string; readonly isRequired: boolean };
  readonly dockerHost: string | undefined;
  readonly network: string | null;
  /** Where built images are pushed, such as `registry.example.com/team`; null for nowhere. */
  readonly registry: string | null;
  /** Path of a Docker `config.json` with the logins for registries. */
  readonly registryAuthFile: string | null;
  readonly redisUrl: string | null;
  readonly concurrency: number;
  readonly buildMs: number;
  readonly contextBytes: number;
  readonly pendingMs: number;
  readonly rolloutMs: number;
  readonly proveMs: number;
  readonly shutdownMs: number;
  readonly logDays: number;
  readonly isOpenOnLoopback: boolean;
  /** Where people see GitHub, e.g. `https://github.com`. */
  readonly githubUrl: string;
  readonly apiUrl: string;
  readonly logLevel: string;
  /** The crash tests' hook; undefined outside tests. */
  readonly fault: string | undefined;
}

/** The settings, or with no App yet what its set-up page needs. */
export type Settings =
  | (CommonSettings & {
      readonly mode: "run";
      readonly app: {
        readonly id: number;
        readonly privateKey: Sensitive;
        readonly webhookSecret: Sensitive;
      };
    })
  | (CommonSettings & { readonly mode: "setup" });

type Env = Readonly<Record<string, string | undefined>>;
type Report = (problem: string) => void;

/** Reads all settings; throws `settings_invalid` that names every problem at once. */
export function readSettings(env: Env): Settings {
  const problems: string[] = [];
  const report: Report = (problem) => void problems.push(problem);
  const common = readCommon(env, report);
  const isSetup = !env["APP_ID"];
  const app = isSetup ? null : readApp(env, report);
  if (problems.length > 0) {
    throw new SkepError("settings_invalid", `reading the settings:\n- ${problems.join("\n- ")}`, {
      nextStep: "Set these environment variables and start Skep again; the README lists them all.",
    });
  }
  return app ? { ...common, mode: "run", app } : { ...common, mode: "setup" };
}

/** Where the set-up page leaves the credentials of an App that it created. */
export function appSettingsFile(env: Env): string {
  return join(resolve(valueOf(env, "SKEP_DATA")), "app.env");
}

function readServerConfigPlace(env: Env): CommonSettings["serverConfig"] {
  const named = env["SKEP_SERVER_CONFIG"];
  if (named) return { path: resolve(named), isRequired: true };
  return { path: join(resolve(valueOf(env, "SKEP_DATA")), "skep.server.yml"), isRequired: false };
}

function readCommon(env: Env, report: Report): CommonSettings {
  const port = readNumber(env, "PORT", { least: 0, most: 65_535 }, report);
  const githubHost = env["GHE_HOST"];
  const protocol = readChoice(env, "GHE_PROTOCOL", ["https", "http"], report);
  const githubUrl = githubHost ? `${protocol}://${githubHost}` : "https://github.com";
  const seconds = (name: string): number =>
    readNumber(env, name, { least: 0, most: 86_400 }, report) * 1_000;
  return {
    baseUrl: readUrl(env["SKEP_URL"] || `http://localhost:${port}`, report),
    host: valueOf(env, "HOST"),
    port,
    dataDir: resolve(valueOf(env, "SKEP_DATA")),
    serverConfig: readServerConfigPlace(env),
    dockerHost: env["DOCKER_HOST"] || undefined,
    network: env["SKEP_NETWORK"] || null,
    registry: readRegistry(env["SKEP_REGISTRY"] || null, report),
    registryAuthFile: readFilePath(env, "SKEP_REGISTRY_AUTH", report),
    redisUrl: readRedis(env["REDIS_URL"] || null, report),
    concurrency: readNumber(env, "SKEP_CONCURRENCY", { least: 1, most: 64 }, report),
    buildMs: seconds("SKEP_BUILD_TIMEOUT"),
    contextBytes:
      readNumber(env, "SKEP_CONTEXT_LIMIT", { least: 1, most: 1_048_576 }, report) * 1_048_576,
    pendingMs: seconds("SKEP_PENDING_TIMEOUT"),
    rolloutMs: seconds("SKEP_ROLLOUT_TIMEOUT"),
    proveMs: seconds("SKEP_PROVE_SECONDS"),
    shutdownMs: seconds("SKEP_SHUTDOWN_TIMEOUT"),
    logDays: readNumber(env, "SKEP_LOG_DAYS", { least: 1, most: 36_500 }, report),
    isOpenOnLoopback: readChoice(env, "SKEP_OPEN_ON_LOOPBACK", ["0", "1"], report) === "1",
    githubUrl,
    apiUrl: githubHost ? `${githubUrl}/api/v3` : "https://api.github.com",
    logLevel: readChoice(env, "LOG_LEVEL", ["debug", "info", "warn", "error"], report),
    fault: env["SKEP_FAULT"] || undefined,
  };
}

function readApp(
  env: Env,
  report: Report,
): { readonly id: number; readonly privateKey: Sensitive; readonly webhookSecret: Sensitive } {
  const id = Number(env["APP_ID"]);
  if (!Number.isSafeInteger(id) || id <= 0)
    report("APP_ID is the App's number, as its page on GitHub shows it");
  const place = { name: "WEBHOOK_SECRET", pathName: "WEBHOOK_SECRET_PATH" };
  // Editors end a file with a line end, which is no part of the secret.
  const secret = readSecret(env, place, report)?.replace(/\r?\n$/, "");
  // Probot would quietly use "development" when there is none; then anybody could sign.
  if (secret === "" || secret === "development") {
    report(
      "WEBHOOK_SECRET must be the App's webhook secret; without one anybody could send events",
    );
  }
  return {
    id,
    privateKey: createSensitive(readPrivateKey(env, report)),
    webhookSecret: createSensitive(secret ?? ""),
  };
}

function readPrivateKey(env: Env, report: Report): string {
  const place = { name: "PRIVATE_KEY", pathName: "PRIVATE_KEY_PATH" };
  const pem = readSecret(env, place, report)?.replaceAll("\\n", "\n");
  if (pem === undefined) return "";
  try {
    createPrivateKey(pem);
  } catch {
    report(
      "PRIVATE_KEY (or the file of PRIVATE_KEY_PATH) must hold the App's private key in PEM form",
    );
  }
  return pem;
}

/** A secret itself or what is in a file; undefined, and reported, when the file cannot be read. */
function readSecret(
  env: Env,
  place: { readonly name: string; readonly pathName: string },
  report: Report,
): string | undefined {
  const value = env[place.name] ?? "";
  const path = env[place.pathName];
  if (value !== "" || !path) return value;
  try {
    return readFileSync(path, "utf8");
  } catch {
    report(`${place.pathName} names a file that cannot be read`);
    return undefined;
  }
}

function fallbackOf(name: string): string {
  return SETTINGS_TABLE.find((setting) => setting.name === name)?.fallback ?? "";
}

function valueOf(env: Env, name: string): string {
  return env[name] || fallbackOf(name);
}

function readNumber(
  env: Env,
  name: string,
  range: { readonly least: number; readonly most: number },
  report: Report,
): number {
  const text = valueOf(env, name);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.least && value <= range.most) return value;
  report(`${name} must be a whole number from ${range.least} to ${range.most}`);
  return Number(fallbackOf(name));
}

function readChoice(env: Env, name: string, choices: readonly string[], report: Report): string {
  const value = valueOf(env, name);
  if (choices.includes(value)) return value;
  report(`${name} must be one of ${choices.join(", ")}`);
  return fallbackOf(name);
}

/** What a tag may begin with: a host that cannot be taken for a user of the default registry, and a path. */
const HOST_PART = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const PATH_PART = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
const REGISTRY = new RegExp(
  `^${HOST_PART}(?:(?:\\.${HOST_PART})+(?::\\d+)?|:\\d+)(?:/${PATH_PART})*$`,
);
/** The whole name may have 255 characters, and owner and app take up to 202 of them. */
const LONGEST_REGISTRY_PATH = 50;

function readRegistry(text: string | null, report: Report): string | null {
  if (text === null) return null;
  const path = text.slice(text.indexOf("/") + 1);
  if (!REGISTRY.test(text))
    report(
      "SKEP_REGISTRY must be a registry's host, with a path where it has one, such as registry.example.com/team: without https://, without a tag, in lower case",
    );
  else if (text.includes("/") && path.length > LONGEST_REGISTRY_PATH)
    report(`SKEP_REGISTRY must have a path of ${LONGEST_REGISTRY_PATH} characters at most`);
  return text;
}

/** The absolute path of a file that somebody else reads later; reported when it cannot be read now. */
function readFilePath(env: Env, name: string, report: Report): string | null {
  const text = env[name];
  if (!text) return null;
  const path = resolve(text);
  try {
    readFileSync(path);
  } catch {
    report(`${name} names a file that cannot be read`);
  }
  return path;
}

function readRedis(text: string | null, report: Report): string | null {
  const isUrl = text !== null && /^rediss?:\/\//.test(text) && URL.canParse(text);
  if (text !== null && !isUrl && !text.startsWith("/"))
    report("REDIS_URL must be a redis:// or rediss:// address, or the path of a socket");
  return text;
}

function readUrl(text: string, report: Report): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
    return text.replace(/\/+$/, "");
  report("SKEP_URL must be an http or https address");
  return text;
}
