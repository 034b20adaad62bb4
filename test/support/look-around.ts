import { readdir, readFile } from "node:fs/promises";

/** What a look at the machine shows: names, sorted where they have no order. */
export type Look = Readonly<Record<"processes" | "mounts" | "links" | "run", readonly string[]>>;

/** What can be seen of processes, mounts, links and named namespaces (in `/run`) from where this runs. */
export async function lookAround(): Promise<Look> {
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
