import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_APP } from "../support/app-key.ts";
import { sharedEngine } from "../support/engine.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
let dir: TempDir;
let worker: { readonly server: Server; readonly address: string };

beforeAll(async () => {
  dir = await makeTempDir();
  worker = await startWorkerEngine();
});

afterAll(async () => {
  worker.server.close();
  await dir.remove();
});

/** An engine that answers as a Docker Engine outside of any Swarm does. */
async function startWorkerEngine() {
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const isPing = path.endsWith("/_ping");
    const isVersion = path.endsWith("/version");
    response.setHeader("api-version", "1.41");
    response.setHeader("content-type", "application/json");
    if (isPing) return void response.end("OK");
    if (isVersion) return void response.end('{"Version":"20.10.24","ApiVersion":"1.41"}');
    if (path.endsWith("/info")) {
      const swarm = { LocalNodeState: "inactive", ControlAvailable: false, NodeID: "" };
      return void response.end(JSON.stringify({ ServerVersion: "20.10.24", Swarm: swarm }));
    }
    const message =
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
    response.writeHead(503).end(JSON.stringify({ message }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, address: `tcp://127.0.0.1:${address.port}` };
}

async function startSkep(env: Readonly<Record<string, string | undefined>>) {
  const settings = {
    PATH: process.env["PATH"],
    APP_ID: "1",
    PRIVATE_KEY: TEST_APP.privateKey,
    WEBHOOK_SECRET: "it is secret",
    DOCKER_HOST: `unix://${sharedEngine().socketPath}`,
    SKEP_DATA: join(dir.path, "data"),
    HOST: "127.0.0.1",
    PORT: "0",
    ...env,
  };
  const child = spawn(process.execPath, [MAIN, "start"], {
    env: settings,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const [said] = await Promise.all([text(child.stderr), text(child.stdout), exited]);
  return { code: child.exitCode, said };
}

test("without a Docker Engine Skep ends at once and says where it looked", async () => {
  const { code, said } = await startSkep({ DOCKER_HOST: `unix://${dir.path}/none.sock` });
  expect(code).toBe(1);
  expect(said).toMatch(/^skep: .*reaching the engine at .*none\.sock/);
  expect(said).toMatch(/\nStart the Docker Engine, or set DOCKER_HOST to one/);
  expect(said).not.toMatch(/\n\s+at /);
});

test("an engine that manages no Swarm is told apart, with the command to run", async () => {
  const { code, said } = await startSkep({ DOCKER_HOST: worker.address });
  expect(code).toBe(1);
  expect(said).toMatch(/^skep: reading the state of the Swarm: the engine is in no Swarm\n/);
  expect(said).toMatch(/^Run `docker swarm init` there, or let DOCKER_HOST name a manager/m);
});

test("without git Skep says what to install", async () => {
  const { code, said } = await startSkep({ PATH: dir.path });
  expect(code).toBe(1);
  expect(said).toMatch(/^skep: looking for git: there is none on the PATH\n.*apt install git/);
});

test("without redis-server Skep says what to install", async () => {
  const path = join(dir.path, "only-git");
  await mkdir(path);
  await symlink("/usr/bin/git", join(path, "git"));
  const { code, said } = await startSkep({ PATH: path });
  expect(code).toBe(1);
  expect(said).toMatch(/^skep: starting the private Redis: redis-server is not installed\n/);
  expect(said).toMatch(/apt install redis-server.*REDIS_URL/);
});

test("a REDIS_URL where nothing answers is named, without its password", async () => {
  const { code, said } = await startSkep({ REDIS_URL: "redis://:hunter2@127.0.0.1:1/0" });
  expect(code).toBe(1);
  expect(said).toMatch(/^skep: .*127\.0\.0\.1:1/);
  expect(said).not.toContain("hunter2");
});

test("without a webhook secret, or with Probot's own, Skep does not start", async () => {
  for (const WEBHOOK_SECRET of [undefined, "", "development"]) {
    const { code, said } = await startSkep({ WEBHOOK_SECRET });
    expect(code).toBe(1);
    expect(said).toMatch(/WEBHOOK_SECRET must be the App's webhook secret/);
  }
});

test("a port that is taken is named", async () => {
  const { code, said } = await startSkep({ PORT: new URL(worker.address).port });
  expect(code).toBe(1);
  expect(said).toMatch(/^skep: .*(?:EADDRINUSE|in use|taken)/);
  expect(said).toMatch(/PORT/);
});

test("a second Skep on the same data folder is refused", async () => {
  const { openSqliteStore } = await import("../../src/store/sqlite-store.ts");
  const data = join(dir.path, "held");
  const store = openSqliteStore(data);
  const { code, said } = await startSkep({ SKEP_DATA: data });
  await store.close();
  expect(code).toBe(1);
  expect(said).toMatch(/another Skep process uses it/);
});
