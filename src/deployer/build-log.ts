import type { LogEntry } from "../logs/ports.ts";
import type { BuildEvent } from "./ports.ts";
import type { Run } from "./run.ts";

/** Turns build events into lines of the deployment's log; each step is told when it ends. */
export function createBuildLog(run: Run): {
  readonly onEvent: (event: BuildEvent) => void;
  readonly count: () => { readonly steps: number; readonly cached: number };
} {
  const names = new Map<string, string>();
  const told = new Set<string>();
  let cached = 0;

  function line(source: string, text: string, level: LogEntry["level"]): void {
    const at = run.deps.clock.now();
    const { id } = run.deployment();
    run.deps.logs.append(id, [{ at, phase: "build", stream: "build", source, level, text }]);
  }

  function onStep(event: Extract<BuildEvent, { kind: "step" }>): void {
    names.set(event.id, event.name);
    if (event.error !== null) return line(event.name, `failed: ${event.error}`, "error");
    if (event.completedAt === null || told.has(event.id)) return;
    told.add(event.id);
    if (event.cached) cached += 1;
    const took = event.completedAt - (event.startedAt ?? event.completedAt);
    line(event.name, event.cached ? "cached" : `done in ${(took / 1000).toFixed(1)} s`, "info");
  }

  return {
    onEvent(event) {
      if (event.kind === "step") return onStep(event);
      line(names.get(event.stepId) ?? "", event.text, "info");
    },
    count: () => ({ steps: told.size, cached }),
  };
}
