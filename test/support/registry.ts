import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { rootPrefix } from "../../sandbox/engine/privilege.ts";
import { readRecord } from "../../sandbox/engine/record.ts";
import { sharedDocker, sharedEngine } from "./engine.ts";
import { makeTempDir } from "./temp-dir.ts";

/** Whom the registry lets in. */
export const REGISTRY_USER = "skep";

/** Passwords that the registry can be told, with the form in which it keeps them (bcrypt). */
const PASSWORDS = {
  "correct-horse": "$2y$05$Q7bXo2N4kLw9ZrT1uVyAe.Z7uBBDI8HJZIdPrSBg1MnDPSuktmGUW",
  "rotated-horse": "$2y$05$Q7bXo2N4kLw9ZrT1uVyAe.tFcvFZ6C/7Jup.LcKIrHm5bN.Fzw.WC",
} as const;

/** One of the passwords that the registry can be told. */
export type RegistryPassword = keyof typeof PASSWORDS;

/** A registry that only the engines of its test reach, and that keeps its images in memory. */
export interface TestRegistry {
  /** Host and port, as the engines reach it, without TLS. */
  readonly address: string;
  /** Lets only this password in from now on. */
  setPassword(password: RegistryPassword): Promise<void>;
  stop(): Promise<void>;
}

/** Ends with its input, which closes when this process ends, however that ends. */
const KEEPER = `exec 3<&0
docker-registry serve "$1" </dev/null 3<&- &
cat <&3 >/dev/null &
wait -n
kill -KILL $(jobs -p) 2>/dev/null
wait`;

/**
 * Starts Debian's docker-registry; its password is "correct-horse". It is on the loopback of the shared engine, or on
 * the given address of this machine.
 */
export async function startRegistry(host?: string): Promise<TestRegistry> {
  const within = host === undefined ? await withinSharedEngine() : [];
  const dir = await makeTempDir();
  const passwords = join(dir.path, "htpasswd");
  let changes = 0;
  const setPassword = async (password: RegistryPassword): Promise<void> => {
    await writeFile(passwords, `${REGISTRY_USER}:${PASSWORDS[password]}\n`);
    // It reads the file again when its time is another one.
    changes += 1;
    await utimes(passwords, changes, changes);
  };
  await setPassword("correct-horse");
  const config = join(dir.path, "config.json");
  await writeFile(config, JSON.stringify(configOf(passwords, host ?? "127.0.0.1")));
  const words = [...within, "bash", "-c", KEEPER, "bash", config];
  const child = spawn("env", words, { stdio: ["pipe", "ignore", "pipe"] });
  return {
    address: await readAddress(child),
    setPassword,
    async stop() {
      const ended =
        child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
      child.stdin?.end();
      await ended;
      await dir.remove();
    },
  };
}

/** Takes the registry's names off all images of the shared engine; those without another name are gone then. */
export async function removeImagesOf({ address }: TestRegistry): Promise<void> {
  // One at a time, because the last tag of an image takes the digests with it.
  for (;;) {
    const images = await sharedDocker().listImages();
    const names = images.flatMap(({ RepoTags, RepoDigests }) => [
      RepoTags ?? [],
      RepoDigests ?? [],
    ]);
    const name = names.flat().find((each) => each.startsWith(`${address}/`));
    if (name === undefined) return;
    await sharedDocker().getImage(name).remove();
  }
}

/** The words before a command that make it run in the network of the shared engine. */
async function withinSharedEngine(): Promise<readonly string[]> {
  const record = await readRecord(dirname(sharedEngine().socketPath));
  if (record === undefined) throw new Error("starting a registry: the engine left no record");
  const pid = Number.parseInt(record.init, 10);
  return [...(await rootPrefix()), "nsenter", `--net=/proc/${pid}/ns/net`];
}

function configOf(passwords: string, host: string): object {
  return {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: `${host}:0` },
    auth: { htpasswd: { realm: "test", path: passwords } },
  };
}

async function readAddress({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error("docker-registry has no output");
  let text = "";
  for await (const line of createInterface({ input: stderr })) {
    text += `${line}\n`;
    const address = /listening on (\d+\.\d+\.\d+\.\d+:\d+)/u.exec(line)?.[1];
    if (address !== undefined) {
      stderr.resume();
      return address;
    }
  }
  throw new Error(`docker-registry ended before it listened: run script/setup --tests\n${text}`);
}
