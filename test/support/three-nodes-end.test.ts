import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { type EngineRecord, isAlive, readRecord } from "../../sandbox/engine/record.ts";
import type { Report } from "./three-nodes-starter.ts";
import { waitUntil } from "./wait-until.ts";

const STARTER = join(import.meta.dirname, "three-nodes-starter.ts");

/** Runs the starter, under the given commands, and gives its lines as JSON. */
function runStarter(...under: readonly string[]) {
  const [command, ...args] = [...under, process.execPath, STARTER];
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

async function readRecords(dir: string): Promise<readonly EngineRecord[]> {
  const records = await Promise.all([1, 2, 3].map((n) => readRecord(join(dir, `engine-${n}`))));
  return records.filter((record) => record !== undefined);
}

/** The link between this machine and the network of the nodes: its number is before that of the first one's. */
function linkOf([first]: readonly EngineRecord[]): string {
  const number = Number.parseInt(first?.veth.slice("skep-".length) ?? "", 16) - 1;
  return join("/sys/class/net", `skep-${number.toString(16).padStart(4, "0")}`);
}

/** Control groups of the engines, in whatever hierarchies the machine has. */
async function listControlGroups(records: readonly EngineRecord[]): Promise<readonly string[]> {
  const groups = ["", ...(await readdir("/sys/fs/cgroup"))];
  const paths = records.flatMap(({ cgroup }) =>
    groups.map((group) => join("/sys/fs/cgroup", group, cgroup)),
  );
  const found = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => found[index]);
}

it("closing leaves no process, mount, link, control group or file", async () => {
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
  const opened = await read();
  const records = await readRecords(opened.dir ?? "");
  expect(records.length).toBe(3);
  expect(await listControlGroups(records)).not.toEqual([]);
  expect(opened.during?.processes.filter((name) => name === "dockerd").length).toBe(3);
  expect(opened.during?.links.length).toBe((opened.before?.links.length ?? 0) + 1);
  child.stdin.end();
  expect(await read()).toEqual({ after: opened.before });
  expect(await isThere(opened.dir ?? "")).toBe(false);
  expect(await listControlGroups(records)).toEqual([]);
});

it("all goes by itself when its starter is killed, folder and all", async () => {
  const { child, read } = runStarter();
  const { dir = "" } = await read();
  const records = await readRecords(dir);
  expect(await Promise.all(records.map((one) => isAlive(one, one.init)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(await isThere(linkOf(records))).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  await waitUntil("the keepers have cleaned up", async () => {
    const alive = await Promise.all(records.map((one) => isAlive(one, one.keeper)));
    return alive.every((is) => !is) && !(await isThere(dir));
  });
  expect(await Promise.all(records.map((one) => isAlive(one, one.init)))).toEqual([
    false,
    false,
    false,
  ]);
  expect(await isThere(linkOf(records))).toBe(false);
  expect(await listControlGroups(records)).toEqual([]);
});
