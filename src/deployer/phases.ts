import { PHASES, type Phase, type PhaseRecord } from "../deployment.ts";

/**
 * The phases after `phase` has begun (or gone on after a crash). An earlier one still open is closed as succeeded; a
 * failed one stays failed, whatever is done about it afterwards. Those in between were skipped. Going back to an earlier
 * one, as after a crash, begins all from there anew.
 */
export function enterPhase(
  phases: readonly PhaseRecord[],
  phase: Phase,
  at: number,
): readonly PhaseRecord[] {
  const last = phases.at(-1);
  if (last?.phase === phase) {
    if (last.outcome === "failed" || last.outcome === "running") return phases;
    return [...phases.slice(0, -1), { ...last, endedAt: null, outcome: "running" }];
  }
  const known = phases.findIndex((entry) => entry.phase === phase);
  const again = phases[known];
  if (again) {
    const begun = { ...again, endedAt: null, outcome: "running", note: null } as const;
    return [...phases.slice(0, known), begun];
  }
  return [
    ...phases.map((entry) => close(entry, at, "succeeded", null)),
    ...between(last?.phase ?? phase, phase).map(
      (skipped) =>
        ({ phase: skipped, startedAt: at, endedAt: at, outcome: "skipped", note: null }) as const,
    ),
    { phase, startedAt: at, endedAt: null, outcome: "running", note: null },
  ];
}

function between(before: Phase, after: Phase): readonly Phase[] {
  return PHASES.slice(PHASES.indexOf(before) + 1, PHASES.indexOf(after));
}

/** The phases after the current one has ended. */
export function leavePhase(
  phases: readonly PhaseRecord[],
  end: {
    readonly at: number;
    readonly outcome: "succeeded" | "failed" | "skipped";
    readonly note: string | null;
  },
): readonly PhaseRecord[] {
  return phases.map((entry) => close(entry, end.at, end.outcome, end.note));
}

/** The phases with a note added to the current one. */
export function notePhase(
  phases: readonly PhaseRecord[],
  note: string | null,
): readonly PhaseRecord[] {
  if (note === null) return phases;
  return phases.map((entry) =>
    entry.outcome === "running"
      ? { ...entry, note: entry.note === null ? note : `${entry.note}, ${note}` }
      : entry,
  );
}

function close(
  entry: PhaseRecord,
  at: number,
  outcome: "succeeded" | "failed" | "skipped",
  note: string | null,
): PhaseRecord {
  if (entry.outcome !== "running") return entry;
  return { ...entry, endedAt: at, outcome, note: note ?? entry.note };
}
