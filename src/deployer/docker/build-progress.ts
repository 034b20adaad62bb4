import type { BuildEvent } from "../ports.ts";
import type { BuildTrace } from "./buildkit-trace.ts";

type Step = Extract<BuildEvent, { kind: "step" }>;
type StreamName = Extract<BuildEvent, { kind: "output" }>["stream"];

/** Longer lines are handed on in pieces, so that a step that never ends its line cannot fill the memory. */
const MAX_LINE_BYTES = 16 * 1024;
const TAIL_LINES = 20;
const TAIL_WIDTH = 1_000;
const LINE_END = 0x0a;

/** Follows one build: turns BuildKit's messages into events, and remembers what a failure is explained with. */
export interface BuildProgress {
  take(trace: BuildTrace): void;
  /** Hands on the lines that never got an end. */
  finish(): void;
  /** The step that failed; null when none did. */
  failure(): StepOutput | null;
  /** The step that started last and goes on; null when none does. */
  running(): StepOutput | null;
}

/** A step with its last lines of output. */
interface StepOutput {
  readonly step: Step;
  readonly lines: readonly string[];
}

/** Starts to follow a build. */
export function createBuildProgress(onEvent: (event: BuildEvent) => void): BuildProgress {
  const steps = new Map<string, Step>();
  const tails = new Map<string, string[]>();
  const pending = new Map<string, Buffer>();

  function emitLine(stepId: string, stream: StreamName, bytes: Buffer): void {
    const text = bytes.toString("utf8").replace(/\r$/u, "");
    const tail = tails.get(stepId) ?? [];
    tail.push(text.slice(0, TAIL_WIDTH));
    tails.set(stepId, tail.slice(-TAIL_LINES));
    onEvent({ kind: "output", stepId, stream, text });
  }

  function takeOutput(stepId: string, stream: StreamName, bytes: Uint8Array): void {
    const key = keyOf(stepId, stream);
    let rest = Buffer.concat([pending.get(key) ?? Buffer.alloc(0), bytes]);
    for (;;) {
      const end = rest.indexOf(LINE_END);
      if (end < 0 && rest.length < MAX_LINE_BYTES) break;
      const length = end < 0 ? MAX_LINE_BYTES : Math.min(end, MAX_LINE_BYTES);
      emitLine(stepId, stream, rest.subarray(0, length));
      rest = rest.subarray(length === end ? length + 1 : length);
    }
    pending.set(key, rest);
  }

  function endLines(stepId: string): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = pending.get(keyOf(stepId, stream));
      pending.delete(keyOf(stepId, stream));
      if (rest !== undefined && rest.length > 0) emitLine(stepId, stream, rest);
    }
  }

  function takeStep(step: Step): void {
    const before = steps.get(step.id);
    if (before && isSame(before, step)) return;
    steps.set(step.id, step);
    if (step.completedAt !== null) endLines(step.id);
    onEvent(step);
  }

  function withOutput(step: Step | undefined): StepOutput | null {
    return step ? { step, lines: tails.get(step.id) ?? [] } : null;
  }

  return {
    // The output first: BuildKit may tell in one message of a step's last words and its end.
    take: ({ logs, vertexes }) => {
      for (const { vertex, stream, msg } of logs) {
        takeOutput(vertex, stream === 2 ? "stderr" : "stdout", msg);
      }
      for (const vertex of vertexes) {
        takeStep({
          kind: "step",
          id: vertex.digest,
          name: vertex.name,
          startedAt: vertex.started,
          completedAt: vertex.completed,
          cached: vertex.cached,
          error: vertex.error === "" ? null : vertex.error,
        });
      }
    },
    finish: () => {
      for (const id of steps.keys()) endLines(id);
    },
    failure: () => {
      const all = [...steps.values()];
      return withOutput(all.find(({ error }) => error !== null && !isConsequence(error)));
    },
    running: () => {
      const all = [...steps.values()].filter((step) => step.completedAt === null);
      return withOutput(all.findLast((step) => step.startedAt !== null));
    },
  };
}

function keyOf(stepId: string, stream: StreamName): string {
  return `${stepId} ${stream}`;
}

/** Steps that ran beside the failing one are ended with it. */
function isConsequence(error: string): boolean {
  return error.includes("context canceled");
}

function isSame(one: Step, other: Step): boolean {
  return (
    one.startedAt === other.startedAt &&
    one.completedAt === other.completedAt &&
    one.cached === other.cached &&
    one.error === other.error
  );
}
