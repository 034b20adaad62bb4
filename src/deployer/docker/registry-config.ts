import { z } from "zod";
import { createSensitive, type Sensitive } from "../../sensitive.ts";
import { registryHost } from "../image-name.ts";

/** How Skep logs in to one registry. */
export interface RegistryLogin {
  /** For `X-Registry-Auth`. */
  readonly header: Sensitive;
  /** All forms of it that no log may show, the header among them. */
  readonly secrets: readonly Sensitive[];
}

/** The logins of a `config.json` by the registry's host, or what is wrong with it (without showing any of it). */
export type RegistryConfig =
  | { readonly ok: true; readonly logins: ReadonlyMap<string, RegistryLogin> }
  | { readonly ok: false; readonly problem: string };

const entrySchema = z.object({
  auth: z.string().default(""),
  username: z.string().default(""),
  password: z.string().default(""),
  identitytoken: z.string().default(""),
  registrytoken: z.string().default(""),
});

const configSchema = z.object({
  auths: z.record(z.string(), entrySchema).default({}),
  credsStore: z.string().default(""),
  credHelpers: z.record(z.string(), z.string()).default({}),
});

type Entry = z.infer<typeof entrySchema>;

/** Reads Docker's `config.json`, as `docker login` writes it where it knows no credential helper. */
export function parseRegistryConfig(text: string): RegistryConfig {
  const parsed = configSchema.safeParse(readJson(text));
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join(".") ?? "";
    const where = at === "" ? "it" : at;
    return refuse(`${where} is not what Docker's config.json has there`);
  }
  const { auths, credsStore, credHelpers } = parsed.data;
  if (credsStore !== "" || Object.keys(credHelpers).length > 0) {
    const key = credsStore === "" ? "credHelpers" : "credsStore";
    return refuse(
      `it leaves the passwords to a credential helper (${key}), which Skep cannot run: write the login itself under auths`,
    );
  }
  return readLogins(auths);
}

function readLogins(auths: Readonly<Record<string, Entry>>): RegistryConfig {
  const logins = new Map<string, RegistryLogin>();
  for (const [address, entry] of Object.entries(auths)) {
    const user = readUser(entry);
    if (user === null) return refuse(`auths.${address}.auth is not base64 of <user>:<password>`);
    const { identitytoken, registrytoken } = entry;
    const hasUser = user.username !== "" && user.password !== "";
    if (!hasUser && identitytoken === "" && registrytoken === "") {
      return refuse(`auths.${address} has neither auth nor username and password`);
    }
    const host = registryHost(address);
    // Like the CLI: the plain host says more than an address with a path.
    if (logins.has(host) && address !== host) continue;
    logins.set(host, createLogin(address, { ...user, identitytoken, registrytoken }));
  }
  return { ok: true, logins };
}

function readUser(entry: Entry): { readonly username: string; readonly password: string } | null {
  const { auth, username, password } = entry;
  if (auth === "") return { username, password };
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(auth)) return null;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon <= 0) return null;
  // Old versions of the CLI filled the password up with zeros.
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/u, "") };
}

function createLogin(
  serveraddress: string,
  login: Readonly<Record<"username" | "password" | "identitytoken" | "registrytoken", string>>,
): RegistryLogin {
  const { username, password, identitytoken, registrytoken } = login;
  const header = encodeHeader({ ...login, serveraddress });
  const pair = Buffer.from(`${username}:${password}`).toString("base64");
  const values = [password, identitytoken, registrytoken, password === "" ? "" : pair, header];
  return {
    header: createSensitive(header),
    secrets: values.filter((value) => value !== "").map(createSensitive),
  };
}

/**
 * The header's form of a login: URL-safe base64 of its JSON. Padded, which Node does not do by itself: without the
 * padding the engine takes the login for none, and says nothing about it.
 */
export function encodeHeader(login: Readonly<Record<string, string>>): string {
  const given = Object.entries(login).filter(([, value]) => value !== "");
  const base64 = Buffer.from(JSON.stringify(Object.fromEntries(given))).toString("base64");
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

/** Undefined, which no schema takes, when it is none: the parser's own words would show some of the text. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(problem: string): RegistryConfig {
  return { ok: false, problem };
}
