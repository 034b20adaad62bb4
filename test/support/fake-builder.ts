import { createHash } from "node:crypto";
import type { Clock } from "../../src/clock.ts";
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

/** A builder in memory. Images are known by reference; a build takes simulated time. */
export interface FakeBuilder extends Builder {
  /** What builds do from now on. */
  script(script: Partial<BuildScript>): void;
  /** An image that a registry has. */
  addRemoteImage(reference: string): void;
  /** Forgets an image, as when somebody prunes the engine. */
  removeImage(reference: string): void;
  /** Tags of the builds that were started. */
  readonly builds: readonly string[];
  readonly pulls: readonly string[];
}

/** Starts a builder without images. */
export function createFakeBuilder(clock: Clock): FakeBuilder {
  const images = new Map<string, string>();
  const remote = new Set<string>();
  const builds: string[] = [];
  const pulls: string[] = [];
  let script: BuildScript = { durationMs: DEFAULT_MS, lines: [], error: null };

  function keep(reference: string): { readonly imageId: string } {
    const imageId = `sha256:${createHash("sha256").update(reference).digest("hex")}`;
    images.set(reference, imageId);
    return { imageId };
  }

  return {
    builds,
    pulls,
    script: (changes) => void (script = { ...script, ...changes }),
    addRemoteImage: (reference) => void remote.add(reference),
    removeImage: (reference) => void images.delete(reference),
    imageId: async (reference) => await Promise.resolve(images.get(reference) ?? null),
    build: async (request) => {
      builds.push(request.tag);
      await runBuild(clock, request, script);
      return keep(request.tag);
    },
    pull: async (reference, signal) => {
      pulls.push(reference);
      signal.throwIfAborted();
      if (!images.has(reference) && !remote.has(reference)) {
        throw new SkepError("image_not_found", `pulling image ${reference}: manifest unknown`);
      }
      return await Promise.resolve(keep(reference));
    },
  };
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
