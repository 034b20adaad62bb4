import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

const SAMPLE = join(import.meta.dirname, "../../sandbox/sample-stack");
const SERVICES = ["db", "cache", "api", "worker", "web"] as const;
type Service = (typeof SERVICES)[number];

let dir: TempDir;
let ports: Readonly<Record<Service, number>>;
const running = new Map<Service, ChildProcess>();

beforeEach(async () => {
  dir = await makeTempDir();
  const [db, cache, api, worker, web] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  ports = { db, cache, api, worker, web };
  await mkdir(join(dir.path, "data"));
});

afterEach(async () => {
  await Promise.all([...running.keys()].map(end));
  await dir.remove();
});

function urlOf(service: Service, path = ""): string {
  return `http://127.0.0.1:${ports[service]}${path}`;
}

async function isHealthy(service: Service): Promise<boolean> {
  return fetch(urlOf(service, "/healthz")).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function start(service: Service): Promise<void> {
  const env = {
    PATH: process.env["PATH"],
    PORT: String(ports[service]),
    DATA: join(dir.path, "data"),
    TOKEN_FILE: join(SAMPLE, "secrets/db-token"),
    SETTINGS: join(SAMPLE, "config/web.json"),
    DB_URL: urlOf("db"),
    CACHE_URL: urlOf("cache"),
    API_URL: urlOf("api"),
  };
  const program = join(SAMPLE, service, "main.mjs");
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
  running.set(service, child);
  await waitUntil(`${service} is healthy`, () => {
    if (child.exitCode !== null) throw new Error(`${service} ended: ${complaint}`);
    return isHealthy(service);
  });
}

/** Ends a service as the Swarm does; resolves with its exit code. */
async function end(service: Service): Promise<unknown> {
  const child = running.get(service);
  running.delete(service);
  if (child === undefined || child.exitCode !== null) return child?.exitCode;
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  return code;
}

async function page(): Promise<string> {
  const response = await fetch(urlOf("web"));
  expect(response.status).toBe(200);
  return response.text();
}

async function sign(text: string): Promise<void> {
  const body = new URLSearchParams({ text });
  const response = await fetch(urlOf("web"), { method: "POST", body, redirect: "manual" });
  expect(response.status).toBe(303);
}

it("keeps what is written, counts it, and answers from the cache", async () => {
  for (const service of SERVICES) await start(service);
  expect(await page()).toContain("<h1>Hello from Skep</h1>");
  await sign("two words");
  await sign("<script>alert(1)</script>");
  await waitUntil("the words are counted", async () =>
    (await page()).includes("2 entries, 3 words, from the cache"),
  );
  expect(await page()).toContain("<li>&#60;script&#62;alert(1)&#60;/script&#62;</li>");

  // The data outlives its service, and nobody has to be started anew because of it.
  expect(await end("db")).toBe(0);
  await start("db");
  expect(await end("cache")).toBe(0);
  expect(await page()).toContain("2 entries, not yet counted words, from the db");
  await start("cache");
  await sign("one");
  await waitUntil("the words are counted again", async () =>
    (await page()).includes("3 entries, 4 words"),
  );
  for (const service of SERVICES) expect([service, await end(service)]).toEqual([service, 0]);
});

it("tells nothing to somebody without the secret", async () => {
  await start("db");
  expect((await fetch(urlOf("db", "/entries"))).status).toBe(401);
});
