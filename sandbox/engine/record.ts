import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const identity = z.string().regex(/^\d+:\d+$/u);

const recordSchema = z.object({
  boot: z.string(),
  starter: identity,
  keeper: identity,
  init: identity,
  veth: z.string().regex(/^skep-[0-9a-f]{4}$/u),
  cgroup: z.string().regex(/^skep-engine-[0-9a-f]{4}$/u),
  address: z.ipv4(),
});

/**
 * What a private engine made on this machine. A process is `pid:start time`, so that a pid which
 * the kernel gave to somebody else in the meantime is not taken for ours.
 */
export type EngineRecord = z.infer<typeof recordSchema>;

/** Reads the record from the one line the keeper prints; throws when it is anything else. */
export function parseRecord(text: string): EngineRecord {
  return recordSchema.parse(JSON.parse(text));
}

/**
 * Reads the record in an engine's folder. `undefined` when there is none, or when it belongs to
 * a third user: acting on it as root would let that user choose what we kill and delete.
 */
export async function readRecord(dir: string): Promise<EngineRecord | undefined> {
  const path = join(dir, "engine.json");
  try {
    const { uid } = await stat(path);
    if (uid !== 0 && uid !== process.getuid?.()) return undefined;
    return parseRecord(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** The identity `pid:start time` of a running process; `undefined` when there is none. */
export async function readProcess(pid: number | "self"): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return `${Number.parseInt(text, 10)}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Whether the process with this identity still runs in the boot the record was made in. */
export async function isAlive(record: EngineRecord, process: string): Promise<boolean> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  if (boot.trim() !== record.boot) return false;
  return (await readProcess(Number.parseInt(process, 10))) === process;
}
