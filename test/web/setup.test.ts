import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { parse } from "yaml";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { TEST_APP } from "../support/app-key.ts";
import { waitUntil } from "../support/wait-until.ts";

const ROOT = join(import.meta.dirname, "../..");

let dir: TempDir;
let skep: ChildProcess;
let lines: string[];
let github: Server;
let asked: string[];

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function read(output: Interface): void {
  output.on("line", (line) => lines.push(line));
}

beforeEach(async () => {
  dir = await makeTempDir();
  lines = [];
  asked = [];
  github = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const app = {
      id: 4711,
      pem: TEST_APP.privateKey,
      webhook_secret: "a1b2c3",
      client_id: "Iv1.x",
      client_secret: "s3cret",
      html_url: "http://github.example/apps/skep",
    };
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(app));
  });
  const githubPort = await portOf(github);
  const port = await freePort();
  skep = spawn(process.execPath, [join(import.meta.dirname, "../support/setup-parent.ts")], {
    cwd: dir.path,
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      SKEP_DATA: join(dir.path, "data"),
      SKEP_URL: `http://127.0.0.1:${port}`,
      HOST: "127.0.0.1",
      PORT: String(port),
      GHE_HOST: `127.0.0.1:${githubPort}`,
      GHE_PROTOCOL: "http",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (skep.stdout) read(createInterface({ input: skep.stdout }));
  await waitUntil("it prints its link", () => {
    if (skep.exitCode !== null) throw new Error(`it ended: ${lines.join("\n")}`);
    return lines.some((line) => line.includes("?key="));
  });
});
afterEach(async () => {
  if (skep.exitCode === null && skep.signalCode === null) {
    skep.kill("SIGTERM");
    await once(skep, "exit");
  }
  github.closeAllConnections();
  github.close();
  await dir.remove();
});

function link(): URL {
  return new URL(lines.find((line) => line.includes("?key="))?.split(": ")[1] ?? "");
}

async function enter(): Promise<string> {
  const response = await fetch(link(), { redirect: "manual" });
  expect(response.headers.get("location")).toBe("/probot");
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

it("shows the page that creates the App, from app.yml and with this Skep's addresses", async () => {
  const { origin } = link();
  const page = await (
    await fetch(`${origin}/probot`, { headers: { cookie: await enter() } })
  ).text();
  expect(page).toContain("Welcome to skep");
  const manifest: unknown = JSON.parse(/value='([^']*)'/.exec(page)?.[1] ?? "");
  expect(manifest).toMatchObject({
    ...(parse(readFileSync(join(ROOT, "app.yml"), "utf8")) as object),
    hook_attributes: { url: `${origin}/api/github/webhooks`, active: true },
    redirect_url: `${origin}/probot/setup`,
    public: false,
  });
});

it("lets nobody in without the printed link", async () => {
  const { origin } = link();
  for (const path of ["/", "/probot", "/probot/setup?code=x", "/probot/import", "/?key=wrong"])
    expect((await fetch(`${origin}${path}`, { redirect: "manual" })).status).toBe(403);
  const post = { method: "POST", body: "{}", headers: { cookie: "skep_setup=wrong" } };
  expect((await fetch(`${origin}/probot/import`, post)).status).toBe(403);
  expect((await fetch(`${origin}/api/github/webhooks`, { method: "POST" })).status).toBe(503);
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  expect(asked).toEqual([]);
});

it("keeps what GitHub tells in files that only its user can read, and prints no secret", async () => {
  const { origin } = link();
  const cookie = await enter();
  const response = await fetch(`${origin}/probot/setup?code=abc`, {
    headers: { cookie },
    redirect: "manual",
  });
  expect(response.headers.get("location")).toBe(
    "http://github.example/apps/skep/installations/new",
  );
  expect(asked).toEqual(["POST /api/v3/app-manifests/abc/conversions"]);
  const env = join(dir.path, "data/app.env");
  const key = join(dir.path, "data/private-key.pem");
  await waitUntil("they are written", () => existsSync(env));
  expect(readFileSync(env, "utf8")).toBe(
    `APP_ID=4711\nPRIVATE_KEY_PATH=${key}\nWEBHOOK_SECRET=a1b2c3\n`,
  );
  expect(readFileSync(key, "utf8").trim()).toBe(TEST_APP.privateKey.trim());
  for (const file of [env, key]) expect(statSync(file).mode & 0o777).toBe(0o600);
  await waitUntil("it says so", () => lines.some((line) => line.includes(env)));
  const printed = lines.join("\n");
  for (const secret of ["a1b2c3", "s3cret", "PRIVATE KEY-----"])
    expect(printed).not.toContain(secret);
});

it("ends on SIGTERM", async () => {
  skep.kill("SIGTERM");
  const [code] = (await once(skep, "exit")) as [number | null];
  expect(code).toBe(0);
});
