import { renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRegistryAuth } from "../../../src/deployer/docker/registry-auth.ts";
import { encodeHeader, parseRegistryConfig } from "../../../src/deployer/docker/registry-config.ts";
import { SkepError } from "../../../src/errors.ts";
import { createRecordedLog } from "../../support/recorded-log.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

let dir: TempDir;
let file: string;
let rotated: string[][];
let log: ReturnType<typeof createRecordedLog>;
beforeEach(async () => {
  dir = await makeTempDir();
  file = join(dir.path, "config.json");
  rotated = [];
  log = createRecordedLog();
});
afterEach(() => dir.remove());

const base64 = (text: string): string => Buffer.from(text).toString("base64");

function open(config: unknown) {
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  return reopen();
}
function reopen() {
  return createRegistryAuth({ file, log, onRotated: (secrets) => void rotated.push(secrets) });
}
function decode(header: string | null): unknown {
  return header === null ? null : JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
}
function problem(config: unknown): string {
  try {
    open(config);
  } catch (error) {
    if (!(error instanceof SkepError)) throw error;
    expect(error).toMatchObject({ code: "settings_invalid", nextStep: expect.any(String) });
    expect(error.cause).toBeUndefined();
    return error.message;
  }
  throw new Error("nothing was refused");
}

describe("logins for registries", () => {
  it.each<[string, object, object]>([
    ["auth", { auth: base64("skep:pass:word") }, { username: "skep", password: "pass:word" }],
    ["auth with zeros", { auth: base64("skep:pw\0\0") }, { username: "skep", password: "pw" }],
    [
      "username and password",
      { username: "skep", password: "pw" },
      { username: "skep", password: "pw" },
    ],
    [
      "an identity token",
      { auth: base64("<token>:"), identitytoken: "t0ken" },
      { username: "<token>", identitytoken: "t0ken" },
    ],
    ["a registry token", { registrytoken: "t0ken" }, { registrytoken: "t0ken" }],
    [
      "what Skep does not know",
      { username: "skep", password: "pw", email: "a@example.com" },
      { username: "skep", password: "pw" },
    ],
  ])("are read from %s", (_case, entry, login) => {
    const auth = open({ auths: { "registry.example.com": entry }, HttpHeaders: {} });
    const header = auth.headerFor("registry.example.com/team/web:1");
    expect(decode(header)).toEqual({ ...login, serveraddress: "registry.example.com" });
  });

  it.each([
    ["registry.example.com", "registry.example.com/web:1", true],
    ["https://registry.example.com/v1/", "registry.example.com/web:1", true],
    ["registry.example.com", "registry.example.com:5000/web:1", false],
    ["registry.example.com", "registry.example.com.evil.example/web:1", false],
    ["registry.example.com", "evil.example/registry.example.com/web:1", false],
    ["registry.example.com", "web:1", false],
    ["https://index.docker.io/v1/", "web:1", true],
    ["https://index.docker.io/v1/", "acme/web:1", true],
    ["docker.io", "docker.io/acme/web:1", true],
    ["https://index.docker.io/v1/", "localhost/web:1", false],
  ])("of %s are for %s: %s", (address, image, isFor) => {
    const auth = open({ auths: { [address]: { username: "skep", password: "pw" } } });
    expect(auth.headerFor(image) !== null).toBe(isFor);
  });

  it("are those of the plain host when there are several of a registry", () => {
    const entry = (username: string) => ({ username, password: "pw" });
    const plain = { "registry.example.com": entry("plain") };
    const path = { "https://registry.example.com/v1/": entry("path") };
    for (const auths of [
      { ...plain, ...path },
      { ...path, ...plain },
    ]) {
      const header = open({ auths }).headerFor("registry.example.com/web");
      expect(decode(header)).toMatchObject({ username: "plain" });
    }
  });

  it("are padded: the engine takes others for none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (password) => {
        const header = encodeHeader({ username: "skep", password });
        expect(header.length % 4).toBe(0);
        expect(header).toMatch(/^[A-Za-z0-9_-]+={0,2}$/u);
        expect(decode(header)).toEqual({ username: "skep", password });
      }),
    );
  });

  it("are none without a file, and without auths", () => {
    const none = createRegistryAuth({ file: null, log, onRotated: () => undefined });
    for (const auth of [none, open({})]) {
      expect(auth.headerFor("web:1")).toBeNull();
      expect(auth.secrets()).toEqual([]);
    }
  });
});

describe("what no log may show", () => {
  it("is each form of a login", () => {
    const auth = open({
      auths: {
        "registry.example.com": { username: "skep", password: "hunter22" },
        "127.0.0.1:5000": { auth: base64("<token>:"), identitytoken: "t0ken-1" },
      },
    });
    const secrets = auth.secrets();
    expect(secrets).toContain("hunter22");
    expect(secrets).toContain(base64("skep:hunter22"));
    expect(secrets).toContain("t0ken-1");
    for (const image of ["registry.example.com/web", "127.0.0.1:5000/web"]) {
      expect(secrets).toContain(auth.headerFor(image));
    }
    expect(secrets).not.toContain("");
    expect(secrets).not.toContain("skep");
  });

  it("is hidden when a login is printed", () => {
    const auths = { "registry.example.com": { username: "skep", password: "hunter22" } };
    const parsed = parseRegistryConfig(JSON.stringify({ auths }));
    expect(inspect(parsed, { depth: 9 })).toContain("[REDACTED]");
    expect(inspect(parsed, { depth: 9 })).not.toContain("hunter22");
  });
});

describe("a file of logins that is no good", () => {
  it.each<[string, unknown, string]>([
    ["no JSON", "hunter22 {", "it is not what"],
    ["empty", "", "it is not what"],
    ["a list", [], "it is not what"],
    [
      "other types",
      { auths: { "registry.example.com": { auth: 7 } } },
      "auths.registry.example.com.auth",
    ],
    ["no base64", { auths: { "registry.example.com": { auth: "hunter22!" } } }, "is not base64"],
    [
      "no user",
      { auths: { "registry.example.com": { auth: base64("hunter22") } } },
      "is not base64",
    ],
    ["an empty entry", { auths: { "registry.example.com": {} } }, "has neither auth"],
    [
      "half an entry",
      { auths: { "registry.example.com": { password: "hunter22" } } },
      "has neither auth",
    ],
    ["a credential store", { auths: {}, credsStore: "desktop" }, "credential helper (credsStore)"],
    [
      "a credential helper",
      { credHelpers: { "registry.example.com": "ecr-login" } },
      "credential helper (credHelpers)",
    ],
  ])("is refused without showing it: %s", (_case, config, words) => {
    const message = problem(config);
    expect(message).toContain("SKEP_REGISTRY_AUTH");
    expect(message).toContain(words);
    expect(message).not.toContain("hunter22");
  });

  it("is refused when it is away", () => {
    expect(() => reopen()).toThrow("cannot be read");
  });
});

describe("rotated logins", () => {
  const config = (password: string): string =>
    JSON.stringify({ auths: { "registry.example.com": { username: "skep", password } } });
  const image = "registry.example.com/web:1";

  it("take effect with the next use, and are told to whoever hides them", () => {
    const auth = open(config("old-one"));
    expect(rotated).toEqual([]);
    writeFileSync(file, config("new-one!"));
    expect(decode(auth.headerFor(image))).toMatchObject({ password: "new-one!" });
    expect(rotated).toEqual([auth.secrets()]);
    expect(auth.secrets()).toContain("new-one!");
    auth.headerFor(image);
    expect(rotated).toHaveLength(1);
  });

  it("take effect when the file is replaced by one of the same time and size", () => {
    const auth = open(config("old-one"));
    const other = join(dir.path, "other.json");
    writeFileSync(other, config("new-one"));
    utimesSync(file, 1, 1);
    utimesSync(other, 1, 1);
    auth.headerFor(image);
    renameSync(other, file);
    expect(decode(auth.headerFor(image))).toMatchObject({ password: "new-one" });
  });

  it("that are no good leave the old ones, and are told once", () => {
    const auth = open(config("old-one"));
    writeFileSync(file, config("new-one").slice(0, -5));
    for (const _ of [1, 2]) {
      expect(decode(auth.headerFor(image))).toMatchObject({ password: "old-one" });
    }
    const warnings = log.lines.filter(({ level }) => level === "warn");
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain("-one");
    writeFileSync(file, config("new-one"));
    expect(decode(auth.headerFor(image))).toMatchObject({ password: "new-one" });
  });

  it("leave the old ones while the file is away", () => {
    const auth = open(config("old-one"));
    rmSync(file);
    expect(decode(auth.headerFor(image))).toMatchObject({ password: "old-one" });
    writeFileSync(file, config("new-one"));
    expect(decode(auth.headerFor(image))).toMatchObject({ password: "new-one" });
  });
});
