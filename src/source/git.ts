import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Clock } from "../clock.ts";
import { SkepError } from "../errors.ts";

/** A git process with its input and output; its errors are read by whoever started it. */
export type GitProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** How a git command ended. `code` is null when it was killed, by its deadline for instance. */
export interface GitResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What one call of git gets besides its arguments. */
export interface GitOptions {
  /** The bare repository. */
  readonly gitDir: string;
  /** Configuration for this one process, handed over in its environment only. */
  readonly config?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Runs git without a shell, a terminal, hooks, or anybody's configuration. */
export interface Git {
  run(args: readonly string[], options: GitOptions): Promise<GitResult>;
  /** Starts git and leaves its pipes to the caller; it is killed at the deadline. */
  start(args: readonly string[], options: GitOptions): GitProcess;
}

const STDERR_LIMIT = 16_384;

// Proxies and certificates are the operator's business; everything else of the environment stays outside.
const PASSED_ON = /^(PATH|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO)$/i;

/**
 * Git on this machine. Each process is killed, with its children, when `signal` aborts; afterwards none is started, and
 * `source_unavailable` is thrown instead.
 */
export function createGit(deps: {
  readonly clock: Clock;
  readonly protocols: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}): Git {
  const base: Record<string, string> = {
    LC_ALL: "C",
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_DEFAULT_REF_FORMAT: "files",
    GIT_DEFAULT_HASH: "sha1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_LFS_SKIP_SMUDGE: "1",
  };
  for (const [name, value] of Object.entries(deps.environment)) {
    if (value !== undefined && PASSED_ON.test(name)) base[name] = value;
  }
  const fixed = fixedConfig(deps.protocols);

  function start(args: readonly string[], options: GitOptions): GitProcess {
    if (deps.signal.aborted) throw ending();
    const config = { ...fixed, ...options.config };
    const child = spawn("git", [...args], {
      cwd: "/",
      env: { ...base, GIT_DIR: options.gitDir, ...configEnvironment(config) },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own, so that the deadline also ends git's transport helpers.
      detached: true,
    });
    killOn(child, AbortSignal.any([deps.signal, deps.clock.deadline(options.timeoutMs)]));
    // A process that ends early closes its input: that is told by its exit code.
    child.stdin.on("error", () => undefined);
    return child;
  }

  return {
    start,
    async run(args, options) {
      const child = start(args, options);
      child.stdin.end();
      return await collect(child);
    },
  };
}

function ending(): SkepError {
  return new SkepError("source_unavailable", "starting git: Skep is ending", { retryable: true });
}

function fixedConfig(protocols: readonly string[]): Record<string, string> {
  return {
    "protocol.allow": "never",
    ...Object.fromEntries(protocols.map((name) => [`protocol.${name}.allow`, "always"])),
    "core.hooksPath": "/dev/null",
    "core.askPass": "",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    // Always a pack, never loose objects: a pack is there whole or not at all.
    "fetch.unpackLimit": "1",
    // A server that sends less than 1 KB a second for 30 s is taken for dead.
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
  };
}

function configEnvironment(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(config);
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  for (const [index, [key, value]] of entries.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return variables;
}

function killOn(child: ChildProcess, signal: AbortSignal): void {
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  };
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill, { once: true });
  child.once("close", () => signal.removeEventListener("abort", kill));
}

async function collect(child: GitProcess): Promise<GitResult> {
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  const stderr = collectErrors(child);
  const code = await ended(child);
  return { code, stdout: Buffer.concat(stdout), stderr: stderr() };
}

/** Reads what a process complains about, up to a limit. Returns the way to see it so far. */
export function collectErrors(child: GitProcess): () => string {
  let text = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (chunk: string) => {
    if (text.length < STDERR_LIMIT) text += chunk.slice(0, STDERR_LIMIT - text.length);
  });
  return () => text;
}

/** Resolves with the exit code (null: killed); throws when git cannot be started at all. */
export function ended(child: GitProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      reject(
        new SkepError("source_unavailable", `starting git: ${error.message}`, {
          retryable: true,
          cause: error,
          nextStep: missing
            ? "Install git (Debian and Ubuntu: apt install git)."
            : "Look at the machine that Skep runs on.",
        }),
      );
    });
    child.once("close", (code) => resolve(code));
  });
}
