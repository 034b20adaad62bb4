import { execFile } from "node:child_process";
import { mkdir, realpath, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { startKeeper } from "./keeper.ts";
import { checkMachine, rootPrefix } from "./privilege.ts";

const run = promisify(execFile);

const lineSchema = z.object({
  pid: z.number(),
  piece: z.number(),
  address: z.ipv4(),
});

/** A network of its own at which up to three private engines meet, linked to this machine. */
export interface Hub {
  /** The folder that is deleted with the hub. */
  readonly dir: string;
  /** This machine, as the engines reach it: what listens here can be their registry, without TLS. */
  readonly address: string;
  /** Where its addresses begin, in pieces of four. */
  readonly piece: number;
  /** The words before a command that make it run in the hub's network. */
  readonly within: readonly string[];
  /** Cuts the link of a place, or mends it. */
  setLink(place: 1 | 2 | 3, state: "up" | "down"): Promise<void>;
  /** Ends the hub, after its engines; safe to call twice. */
  stop(): Promise<void>;
}

/** Starts a hub. It ends with this process, however that ends, and takes `dir`, which must be empty, with it. */
export async function startHub(dir: string): Promise<Hub> {
  await checkMachine();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const home = await realpath(dir);
  const keeper = await startKeeper(["hub", home]);
  const { pid, piece, address } = await keeper.firstLine.then(
    (line) => lineSchema.parse(JSON.parse(line)),
    async (cause: unknown) => {
      await rm(home, { recursive: true, force: true });
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`starting a network for private Docker Engines: ${why}`, { cause });
    },
  );
  const within = ["nsenter", `--net=/proc/${pid}/ns/net`];
  return {
    dir: home,
    address,
    piece,
    within,
    async setLink(place, state) {
      const link = `skep-${(piece + place).toString(16).padStart(4, "0")}`;
      const [command, ...args] = [...(await rootPrefix()), ...within, "ip", "link", "set", link];
      await run(command ?? "nsenter", [...args, state]);
    },
    async stop() {
      await keeper.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
