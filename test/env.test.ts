import { writeFileSync } from "node:fs";
import { createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../src/env.ts";
import { SkepError } from "../src/errors.ts";
import { SETTINGS_TABLE } from "../src/settings-table.ts";
import { TEST_APP } from "./support/app-key.ts";
import { readSourceFiles } from "./support/source-files.ts";
import { makeTempDir, type TempDir } from "./support/temp-dir.ts";

const APP = {
  APP_ID: String(TEST_APP.id),
  PRIVATE_KEY: TEST_APP.privateKey,
  WEBHOOK_SECRET: "s3cret",
};

let dir: TempDir;
beforeAll(async () => {
  dir = await makeTempDir();
});
afterAll(() => dir.remove());

function read(env: Readonly<Record<string, string | undefined>> = {}) {
  const settings = readSettings({ ...APP, ...env });
  if (settings.mode !== "run") throw new Error("these are no settings to run with");
  return settings;
}

function refusal(env: Readonly<Record<string, string | undefined>>): SkepError {
  try {
    readSettings({ ...APP, ...env });
  } catch (error) {
    if (error instanceof SkepError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("settings", () => {
  it("are the documented ones when nothing but the App is given", () => {
    expect(read()).toMatchObject({
      mode: "run",
      app: { id: TEST_APP.id },
      baseUrl: "http://localhost:3000",
      host: "0.0.0.0",
      port: 3000,
      redisUrl: null,
      network: null,
      registry: null,
      registryAuthFile: null,
      buildMs: 900_000,
      contextBytes: 512 * 1024 * 1024,
      isOpenOnLoopback: false,
      githubUrl: "https://github.com",
      apiUrl: "https://api.github.com",
      logLevel: "info",
    });
  });

  it("look for the operator's file in the data folder, and insist on one that is named", () => {
    expect(read({ SKEP_DATA: "/data" }).serverConfig).toEqual({
      path: "/data/skep.server.yml",
      isRequired: false,
    });
    expect(read({ SKEP_SERVER_CONFIG: "/etc/skep/server.yml" }).serverConfig).toEqual({
      path: "/etc/skep/server.yml",
      isRequired: true,
    });
  });

  it.each([
    [
      { GHE_HOST: "github.corp" },
      { githubUrl: "https://github.corp", apiUrl: "https://github.corp/api/v3" },
    ],
    [
      { GHE_HOST: "127.0.0.1:4400", GHE_PROTOCOL: "http" },
      { githubUrl: "http://127.0.0.1:4400", apiUrl: "http://127.0.0.1:4400/api/v3" },
    ],
    [{ SKEP_URL: "https://skep.example.com/" }, { baseUrl: "https://skep.example.com" }],
    [{ PORT: "8080" }, { port: 8080, baseUrl: "http://localhost:8080" }],
    [
      { SKEP_BUILD_TIMEOUT: "60", SKEP_CONTEXT_LIMIT: "1" },
      { buildMs: 60_000, contextBytes: 1_048_576 },
    ],
    [{ REDIS_URL: "redis://:pw@redis:6379/1" }, { redisUrl: "redis://:pw@redis:6379/1" }],
    [{ REDIS_URL: "/run/redis.sock" }, { redisUrl: "/run/redis.sock" }],
    [
      { REDIS_URL: "", SKEP_NETWORK: "", HOST: "" },
      { redisUrl: null, network: null, host: "0.0.0.0" },
    ],
    [{ SKEP_OPEN_ON_LOOPBACK: "1" }, { isOpenOnLoopback: true }],
    [
      { SKEP_REGISTRY: "", SKEP_REGISTRY_AUTH: "" },
      { registry: null, registryAuthFile: null },
    ],
    [
      { SKEP_REGISTRY_AUTH: "package.json" },
      { registryAuthFile: join(import.meta.dirname, "../package.json") },
    ],
  ])("follow %j", (env, expected) => {
    expect(read(env)).toMatchObject(expected);
  });

  it.each([
    "registry.example.com",
    "registry.example.com/team",
    "registry.example.com:5000/team/a_b/c-d",
    "127.0.0.1:5000",
    "localhost:5000/team",
    "registry:5000",
  ])("take %s for a registry", (registry) => {
    expect(read({ SKEP_REGISTRY: registry })).toMatchObject({ registry });
  });

  it("ask for the set-up page when there is no App", () => {
    for (const APP_ID of [undefined, ""])
      expect(readSettings({ ...APP, APP_ID }).mode).toBe("setup");
    expect(readSettings({}).mode).toBe("setup");
  });

  it("never show a secret", () => {
    const settings = read();
    const shown = [
      JSON.stringify(settings),
      inspect(settings, { depth: 9 }),
      `${settings.app.webhookSecret.toString()}`,
    ];
    for (const text of shown) {
      expect(text).toContain("[REDACTED]");
      expect(text).not.toContain("s3cret");
      expect(text).not.toContain("PRIVATE KEY");
    }
    expect(settings.app.webhookSecret.reveal()).toBe("s3cret");
  });
});

describe("the private key", () => {
  const pkcs8 = createPrivateKey(TEST_APP.privateKey)
    .export({ type: "pkcs8", format: "pem" })
    .toString();

  it.each([
    ["PKCS#1", TEST_APP.privateKey],
    ["PKCS#8", pkcs8],
    ["written on one line", TEST_APP.privateKey.replaceAll("\n", "\\n")],
  ])("may be %s", (_, PRIVATE_KEY) => {
    const key = createPrivateKey(read({ PRIVATE_KEY }).app.privateKey.reveal());
    expect(key.equals(createPrivateKey(TEST_APP.privateKey))).toBe(true);
  });

  it("may be in a file", () => {
    const path = join(dir.path, "key.pem");
    writeFileSync(path, TEST_APP.privateKey);
    const { app } = read({ PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: path });
    expect(app.privateKey.reveal()).toBe(TEST_APP.privateKey);
  });

  it.each([
    [{ PRIVATE_KEY: undefined }],
    [{ PRIVATE_KEY: "hunter2" }],
    [{ PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "/nonexistent/key.pem" }],
    [{ PRIVATE_KEY: TEST_APP.privateKey.slice(0, 400) }],
  ])("is refused without showing it: %#", (env) => {
    const { message } = refusal(env);
    expect(message).toContain("PRIVATE_KEY");
    expect(message).not.toContain("hunter2");
    expect(message).not.toContain(TEST_APP.privateKey.slice(40, 80));
  });
});

describe("the webhook secret", () => {
  const readFrom = (text: string) => {
    const path = join(dir.path, "webhook-secret");
    writeFileSync(path, text);
    return { WEBHOOK_SECRET: undefined, WEBHOOK_SECRET_PATH: path };
  };

  it.each(["from a file", "from a file\n", "from a file\r\n"])("may be in a file: %j", (text) => {
    expect(read(readFrom(text)).app.webhookSecret.reveal()).toBe("from a file");
  });

  it.each(["", "\n", "development\n"])("is refused when its file holds %j", (text) => {
    expect(refusal(readFrom(text)).message).toContain("WEBHOOK_SECRET must be");
  });

  it("is refused when its file is away", () => {
    const error = refusal({
      WEBHOOK_SECRET: undefined,
      WEBHOOK_SECRET_PATH: "/nonexistent/secret",
    });
    expect(error.message).toContain("WEBHOOK_SECRET_PATH names a file that cannot be read");
  });
});

describe("what is wrong", () => {
  it("is told all at once, with what to do", () => {
    const error = refusal({
      APP_ID: "abc",
      WEBHOOK_SECRET: undefined,
      PORT: "70000",
      LOG_LEVEL: "loud",
      SKEP_BUILD_TIMEOUT: "soon",
    });
    expect(error.code).toBe("settings_invalid");
    for (const name of ["APP_ID", "WEBHOOK_SECRET", "PORT", "LOG_LEVEL", "SKEP_BUILD_TIMEOUT"])
      expect(error.message).toContain(name);
    expect(error.nextStep).toMatch(/README/);
  });

  it.each([
    [{ WEBHOOK_SECRET: "" }, "WEBHOOK_SECRET"],
    [{ WEBHOOK_SECRET: "development" }, "WEBHOOK_SECRET"],
    [{ SKEP_URL: "ftp://x" }, "SKEP_URL"],
    [{ SKEP_URL: "skep.example.com" }, "SKEP_URL"],
    [{ GHE_PROTOCOL: "gopher" }, "GHE_PROTOCOL"],
    [{ SKEP_OPEN_ON_LOOPBACK: "yes" }, "SKEP_OPEN_ON_LOOPBACK"],
    [{ SKEP_CONTEXT_LIMIT: "0" }, "SKEP_CONTEXT_LIMIT"],
    [{ SKEP_CONCURRENCY: "1.5" }, "SKEP_CONCURRENCY"],
    [{ SKEP_REGISTRY: "https://registry.example.com" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "registry.example.com/" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "registry.example.com/team:1" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "registry.example.com/Team" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: `registry.example.com/${"a".repeat(51)}` }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "team" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "localhost/team" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "user:secret@registry.example.com" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY: "registry.example.com/a b" }, "SKEP_REGISTRY"],
    [{ SKEP_REGISTRY_AUTH: "/nonexistent/config.json" }, "SKEP_REGISTRY_AUTH names a file"],
    [{ SKEP_REGISTRY_AUTH: "/" }, "SKEP_REGISTRY_AUTH names a file"],
    [{ REDIS_URL: "http://redis" }, "REDIS_URL"],
    [{ REDIS_URL: "localhost:6379" }, "REDIS_URL"],
  ])("%j is named", (env, name) => {
    expect(refusal(env).message).toContain(name);
  });
});

describe("the table of settings", () => {
  it("holds each variable that is read, and no other", () => {
    const [source] = readSourceFiles("src").filter(({ path }) => path === "src/env.ts");
    const names = [...(source?.text ?? "").matchAll(/"([A-Z]+(?:_[A-Z]+)*)"/g)].map(
      ([, name = ""]) => name,
    );
    const read = [...new Set(names)].filter((name) => name !== "SKEP_FAULT");
    expect(read.toSorted()).toEqual(SETTINGS_TABLE.map(({ name }) => name).toSorted());
  });

  it("describes each in a sentence", () => {
    for (const { description } of SETTINGS_TABLE) expect(description).toMatch(/^[A-Z`].*[.)]$/);
  });
});
