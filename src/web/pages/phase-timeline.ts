import { html } from "hono/html";
import { PHASES, type Deployment, type Phase, type PhaseRecord } from "../../deployment.ts";
import type { Html } from "./page.ts";
import { PHASE_NAMES, phaseLook } from "./state-look.ts";
import { renderSpan } from "./time.ts";

/** A bar narrower than this, in percent, could not be seen. */
const MIN_WIDTH = 0.8;

/** The phases as rows of one time line: when each began, how long it took, how it ended. */
export function renderPhaseTimeline(deployment: Deployment, now: number): Html {
  const begin = deployment.phases[0]?.startedAt ?? deployment.startedAt ?? deployment.createdAt;
  const end = deployment.finishedAt ?? now;
  const scale = { begin, length: Math.max(1, end - begin) };
  const rows = PHASES.map((phase) => {
    const records = deployment.phases.filter((record) => record.phase === phase);
    return renderRow(phase, { record: records.at(-1) ?? null, scale, now });
  });
  return html`<section class="card" aria-labelledby="phases-title">
    <h2 id="phases-title" class="sr-only">Phases</h2>
    <ol class="phases">
      ${rows}
    </ol>
  </section>`;
}

interface RowView {
  readonly record: PhaseRecord | null;
  readonly scale: { readonly begin: number; readonly length: number };
  readonly now: number;
}

function renderRow(phase: Phase, { record, scale, now }: RowView): Html {
  const look = phaseLook(record);
  const isTimed = record !== null && record.outcome !== "skipped";
  return html`<li class="phase ${look.tone}" data-outcome="${record?.outcome ?? "none"}">
    <span class="mark" aria-hidden="true"></span>
    <span class="phase-name"
      >${PHASE_NAMES[phase]}<span class="sr-only">: ${look.label}</span></span
    >
    <svg class="track" width="100%" height="6" aria-hidden="true">
      ${isTimed ? renderBar(record, scale, now) : ""}
    </svg>
    <span class="phase-time">
      ${isTimed ? renderSpan(record.startedAt, record.endedAt, now) : ""}
    </span>
    <span class="phase-note"
      >${record?.note ?? (record?.outcome === "skipped" ? "skipped" : "")}</span
    >
  </li>`;
}

function renderBar(record: PhaseRecord, scale: RowView["scale"], now: number): Html {
  const percent = (ms: number): number => Math.min(100, Math.max(0, (100 * ms) / scale.length));
  const width = Math.max(MIN_WIDTH, percent((record.endedAt ?? now) - record.startedAt));
  const x = Math.min(100 - width, percent(record.startedAt - scale.begin));
  return html`<rect
    class="fill"
    x="${x.toFixed(2)}%"
    width="${width.toFixed(2)}%"
    height="6"
    rx="3"
  />`;
}
