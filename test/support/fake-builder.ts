import { createHash } from "node:crypto";
import type { Clock } from "../../src/clock.ts";
import { splitReference, withTag } from "../../src/deployer/image-name.ts";
import type { Builder, BuildRequest } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";

const DEFAULT_MS = 500;

/** What the next build does. */
interface BuildScript {
  readonly durationMs: number;
  /** What its one step prints. */
  readonly lines: readonly string[];
  /** What it ends with; null when it succeeds. */
  readonly error: SkepError | null;
}

/** A builder in memory, with an engine and registries. A build takes simulated time. */
export interface FakeBuilder extends Builder {
  /** What builds do from now on. */
  script(script: Partial<BuildScript>): void;
  /** An image that a registry has from now on; with other bytes when `content` says so, as when a tag moves. */
  addRemoteImage(reference: string, content?: string): void;
  /** Forgets an image with all its names, as when somebody prunes the engine. */
  removeImage(reference: string): void;
  /** Whether any registry answers. */
  setRegistryReachable(isReachable: boolean): void;
  /** Tags of the builds that were started. */
  readonly builds: readonly string[];
  readonly pulls: readonly string[];
  readonly pushes: readonly string[];
  readonly resolves: readonly string[];
}

const AWAY = "dial tcp: connect: connection refused";

/** Starts a builder without images. */
export function createFakeBuilder(clock: Clock): FakeBuilder {
  // Both by `name:tag` and by `name@digest`, as an engine and a registry know them.
  const images = new Map<string, string>();
  const remote = new Map<string, string>();
  const builds: string[] = [];
  const pulls: string[] = [];
  const pushes: string[] = [];
  const resolves: string[] = [];
  let isReachable = true;
  let script: BuildScript = { durationMs: DEFAULT_MS, lines: [], error: null };

  function keep(reference: string, imageId: string): { readonly imageId: string } {
    images.set(keyOf(reference), imageId);
    return { imageId };
  }
  function offer(reference: string, imageId: string): string {
    const digest = digestOf(imageId);
    remote.set(keyOf(reference), imageId);
    remote.set(keyOf(`${reference}@${digest}`), imageId);
    return digest;
  }
  function find(action: string, reference: string): string {
    const id = remote.get(keyOf(reference));
    if (isReachable && id !== undefined) return id;
    const words = isReachable ? "manifest unknown" : AWAY;
    throw new SkepError("image_not_found", `${action} image ${reference}: ${words}`);
  }

  return {
    builds,
    pulls,
    pushes,
    resolves,
    script: (changes) => void (script = { ...script, ...changes }),
    addRemoteImage: (reference, content = reference) => void offer(reference, hash(content)),
    removeImage: (reference) => {
      const id = images.get(keyOf(reference));
      for (const [key, imageId] of images) if (imageId === id) images.delete(key);
    },
    setRegistryReachable: (value) => void (isReachable = value),
    imageId: async (reference) => await Promise.resolve(images.get(keyOf(reference)) ?? null),
    build: async (request) => {
      builds.push(request.tag);
      await runBuild(clock, request, script);
      return keep(request.tag, hash(request.tag));
    },
    pull: async (reference, signal) => {
      pulls.push(reference);
      signal.throwIfAborted();
      const present = images.get(keyOf(reference));
      const imageId = present ?? find("pulling", reference);
      if (present === undefined) keep(`${reference}@${digestOf(imageId)}`, imageId);
      return await Promise.resolve(keep(reference, imageId));
    },
    resolve: async (reference, signal) => {
      resolves.push(reference);
      signal.throwIfAborted();
      const digest = digestOf(find("looking up", reference));
      const platforms = [{ os: "linux", architecture: "amd64" }];
      return await Promise.resolve({ digest, platforms });
    },
    push: async (reference, signal) => {
      pushes.push(reference);
      signal.throwIfAborted();
      const imageId = images.get(keyOf(reference));
      if (imageId === undefined) throw pushFailed(reference, "tag does not exist", false);
      if (!isReachable) throw pushFailed(reference, AWAY, true);
      const digest = offer(reference, imageId);
      keep(`${reference}@${digest}`, imageId);
      return await Promise.resolve({ digest });
    },
  };
}

/** A digest alone tells an image, whatever tag stands before it. */
function keyOf(reference: string): string {
  const { name, digest } = splitReference(reference);
  return digest === null ? withTag(reference) : `${name}@${digest}`;
}

function hash(content: string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function digestOf(imageId: string): string {
  return hash(`manifest of ${imageId}`);
}

function pushFailed(reference: string, words: string, retryable: boolean): SkepError {
  return new SkepError("push_failed", `pushing image ${reference}: ${words}`, { retryable });
}

async function runBuild(clock: Clock, request: BuildRequest, script: BuildScript): Promise<void> {
  const { context, onEvent, signal, timeoutMs } = request;
  for await (const _chunk of context) signal.throwIfAborted();
  const step = { kind: "step", id: "step1", name: "[1/1] RUN build", cached: false } as const;
  const startedAt = clock.now();
  onEvent({ ...step, startedAt, completedAt: null, error: null });
  for (const text of script.lines) {
    onEvent({ kind: "output", stepId: step.id, stream: "stdout", text });
  }
  const isLate = script.durationMs > timeoutMs;
  await clock.sleep(isLate ? timeoutMs : script.durationMs, signal);
  if (isLate) {
    throw new SkepError("build_timeout", `building image ${request.tag}: it took too long`);
  }
  const error = script.error?.message ?? null;
  onEvent({ ...step, startedAt, completedAt: clock.now(), error });
  if (script.error) throw script.error;
}
