import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRecord } from "../../sandbox/engine/record.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";

const MAIN = join(import.meta.dirname, "../../sandbox/main.ts");

let dir: TempDir;
beforeEach(async () => {
  dir = await makeTempDir();
});
afterEach(() => dir.remove());

interface Run {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves when it says that it does this. */
  readonly until: (step: string) => Promise<void>;
}

/** The sandbox with a temporary folder of its own, so that all it leaves there is its own. */
function startSandbox(): Run {
  const child = spawn(process.execPath, [MAIN, "--once"], {
    env: { ...process.env, TMPDIR: dir.path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  return {
    child,
    lines,
    until: (step) =>
      waitUntil(`the sandbox is ${step}`, () => {
        if (child.exitCode !== null) throw new Error(`it ended:\n${lines.join("\n")}`);
        return lines.some((line) => line.includes(step));
      }),
  };
}

/** The name of the link between this machine and the run's engine. */
async function findLink(): Promise<string> {
  const root = join(dir.path, `skep-sandbox-${process.getuid?.() ?? 0}`);
  const [run = ""] = await readdir(root);
  const record = await readRecord(join(root, run, "engine"));
  if (record === undefined) throw new Error("the engine wrote no record");
  return record.veth;
}

/** Processes, mounts and files that name this run's temporary folder. */
async function findLeftovers(): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n");
  const found = [...commands, ...mounts].filter((text) => text.includes(dir.path));
  return [...found, ...(await readdir(dir.path))];
}

/** Without the caches that Node itself may keep in the temporary folder. */
async function expectNothingLeft(): Promise<void> {
  expect((await findLeftovers()).filter((name) => name !== "node-compile-cache")).toEqual([]);
}

test("one command deploys for real, exits with 0 and leaves nothing", async () => {
  const { child, lines } = startSandbox();
  expect(await once(child, "exit")).toEqual([0, null]);
  const text = lines.join("\n");
  expect(text).toContain("skep / production: success on GitHub");
  expect(text).toMatch(/^http:\/\/hello\.localhost:\d+\/ now answers: Hello again, at /mu);
  await expectNothingLeft();
});

test.each([
  ["SIGINT", "starting a private Docker Engine"],
  ["SIGTERM", "making the base image"],
  ["SIGHUP", "starting Skep"],
  ["SIGINT", "deploying the first commit"],
] as const)("%s while it is %s ends it soon, and leaves nothing", async (signal, step) => {
  const { child, lines, until } = startSandbox();
  await until(step);
  const exited = once(child, "exit");
  child.kill(signal);
  const interruptedAt = Date.now();
  expect(await exited).toEqual([130, null]);
  expect(Date.now() - interruptedAt).toBeLessThan(15_000);
  expect(lines.at(-1)).toContain("nothing is left");
  await expectNothingLeft();
});

test("kill -9 leaves at most files, which the next start removes", async () => {
  const killed = startSandbox();
  await killed.until("deploying the first commit");
  const link = await findLink();
  killed.child.kill("SIGKILL");
  await waitUntil("its processes, mounts and links are gone", async () => {
    const left = await findLeftovers();
    const links = await readdir("/sys/class/net");
    return !links.includes(link) && left.every((name) => !name.includes("/"));
  });
  const next = startSandbox();
  await next.until("making the base image");
  const exited = once(next.child, "exit");
  next.child.kill("SIGINT");
  await exited;
  await expectNothingLeft();
});
