import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cleanStale } from "../../sandbox/engine/clean-stale.ts";
import { startEngine } from "../../sandbox/engine/engine.ts";
import { isAlive, readProcess, readRecord } from "../../sandbox/engine/record.ts";
import type { Report } from "../support/engine-starter.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

const STARTER = join(import.meta.dirname, "../support/engine-starter.ts");
let root: TempDir;

beforeEach(async () => {
  root = await makeTempDir();
});

afterEach(async () => {
  await cleanStale(root.path);
  await root.remove();
});

/** Runs the starter in `<root>/engine`, under the given commands, and gives its lines as JSON. */
function runStarter(...under: readonly string[]) {
  const [command, ...args] = [...under, process.execPath, STARTER, join(root.path, "engine")];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    read: async (): Promise<Report> => {
      const line = await lines.next();
      return line.done === true ? {} : JSON.parse(line.value);
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Control groups of the engine whose record this is, in whatever hierarchies the machine has. */
async function listControlGroups(name: string): Promise<readonly string[]> {
  const groups = ["", ...(await readdir("/sys/fs/cgroup"))];
  const paths = groups.map((group) => join("/sys/fs/cgroup", group, name));
  const found = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => found[index]);
}

test("stopping leaves no process, mount, link, control group or file", async () => {
  // In namespaces of its own the starter sees nothing but what it made itself, so the lists
  // can be compared whole, whatever else this machine does meanwhile.
  const { child, read } = runStarter(
    "unshare",
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--mount-proc",
  );
  const running = await read();
  const record = await readRecord(join(root.path, "engine"));
  expect(await listControlGroups(record?.cgroup ?? "")).not.toEqual([]);
  child.stdin.end();
  const ended = await read();
  expect(running).toMatchObject({
    during: {
      processes: expect.arrayContaining(["dockerd", "containerd", "sleep"]),
      links: expect.arrayContaining([record?.veth]),
    },
  });
  expect(ended).toEqual({ after: running.before });
  expect(await readdir(root.path)).toEqual([]);
  expect(await listControlGroups(record?.cgroup ?? "")).toEqual([]);
});

test("an engine whose starter is killed goes by itself, folder and all", async () => {
  const { child, read } = runStarter();
  await read();
  const record = await readRecord(join(root.path, "engine"));
  expect(record).toBeDefined();
  if (record === undefined) return;
  expect(await isAlive(record, record.init)).toBe(true);
  child.kill("SIGKILL");
  await waitUntil("the keeper has cleaned up", async () => !(await isAlive(record, record.keeper)));
  expect(await isAlive(record, record.init)).toBe(false);
  expect(await readdir(root.path)).toEqual([]);
  expect(await isThere(`/sys/class/net/${record.veth}`)).toBe(false);
});

test("what is left when starter and keeper are killed is removed by the next run", async () => {
  const { child, read } = runStarter();
  await read();
  const record = await readRecord(join(root.path, "engine"));
  expect(record).toBeDefined();
  if (record === undefined) return;
  process.kill(Number.parseInt(record.keeper, 10), "SIGKILL");
  child.kill("SIGKILL");
  await once(child, "close");
  expect(await readdir(root.path)).toEqual(["engine"]);

  expect(await cleanStale(root.path)).toEqual([join(root.path, "engine")]);
  expect(await isAlive(record, record.init)).toBe(false);
  expect(await readdir(root.path)).toEqual([]);
  expect(await listControlGroups(record.cgroup)).toEqual([]);
  expect(await isThere(`/sys/class/net/${record.veth}`)).toBe(false);
});

test("cleaning touches neither a running engine nor a process that got a dead one's pid", async () => {
  const engine = await startEngine({ dir: join(root.path, "running"), name: "running" });
  const bystander = spawn("sleep", ["60"]);
  try {
    const running = await readRecord(engine.dir);
    const pid = `${bystander.pid}`;
    const dead = join(root.path, "dead");
    await mkdir(dead);
    const record = { ...running, veth: "skep-ffff", cgroup: "skep-engine-ffff" };
    const processes = { starter: "1:1", keeper: "1:1", init: `${pid}:1` };
    await writeFile(join(dead, "engine.json"), JSON.stringify({ ...record, ...processes }));

    expect(await cleanStale(root.path)).toEqual([dead]);
    expect(await readdir(root.path)).toEqual(["running"]);
    expect(await readProcess(Number(pid))).toBeDefined();
    expect(running && (await isAlive(running, running.init))).toBe(true);
  } finally {
    bystander.kill();
    await engine.stop();
  }
});
