// Run as a program by tests that end an engine's starter: starts an engine with one service in
// the folder given, prints what a look at the machine shows, and stops when its input closes.
import { readdir, readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import Docker from "dockerode";
import { startEngine } from "../../sandbox/engine/engine.ts";
import { BUSYBOX_IMAGE, importBaseImage } from "../../sandbox/image/base-image.ts";
import { waitUntil } from "./wait-until.ts";

type Look = Readonly<Record<"processes" | "mounts" | "links" | "run", readonly string[]>>;

/** A line the program prints: what it saw, or why it could not start the engine. */
export interface Report {
  readonly before?: Look;
  readonly during?: Look;
  readonly after?: Look;
  readonly error?: string;
}

/** What can be seen of processes, mounts, links and control groups from where this runs. */
async function lookAround(): Promise<Look> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const programs = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")),
  );
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  return {
    processes: programs.map((name) => name.trim()).toSorted(),
    mounts: mounts.map((line) => line.split(" ").slice(0, 3).join(" ")).toSorted(),
    links: (await readFile("/proc/self/net/dev", "utf8")).match(/\S+(?=:)/gu) ?? [],
    run: (await readdir("/run")).toSorted(),
  };
}

const dir = process.argv[2] ?? "";
const report = (value: Report): unknown => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const before = await lookAround();
  const engine = await startEngine({ dir, name: "starter" });
  await importBaseImage(engine);
  const docker = new Docker({ socketPath: engine.socketPath });
  await docker.createService({
    Name: "sleeper",
    TaskTemplate: { ContainerSpec: { Image: BUSYBOX_IMAGE, Command: ["sleep", "1000"] } },
  });
  await waitUntil("the service's container runs", async () => {
    return (await docker.listContainers()).length === 1;
  });
  report({ before, during: await lookAround() });
  await text(process.stdin);
  await engine.stop();
  report({ after: await lookAround() });
} catch (error) {
  report({ error: error instanceof Error ? error.message : String(error) });
}
