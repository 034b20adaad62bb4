import type { Measure } from "./measure.ts";
import { median } from "./statistics.ts";

/** The measures as a Markdown table: medians with their range, ratio and goal. */
export function renderTable(measures: readonly Measure[]): string {
  const head = ["bench", "measure", "ours", "floor", "ratio", "goal", ""];
  const rows = measures.map((measure) => [
    measure.bench,
    measure.name,
    describe(measure.ours, measure.unit),
    measure.floor.length === 0 ? "" : describe(measure.floor, measure.unit),
    measure.floor.length === 0 ? "" : (median(measure.ours) / median(measure.floor)).toFixed(2),
    measure.goal ?? "told only",
    measure.goal === null ? "" : measure.isMet ? "met" : "MISSED",
  ]);
  const line = head.map(() => "---");
  return [head, line, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function describe(values: readonly number[], unit: Measure["unit"]): string {
  const low = round(Math.min(...values));
  const high = round(Math.max(...values));
  return `${round(median(values))} ${unit} (${low}–${high}, n=${values.length})`;
}

/** Three digits are all that a shared machine can promise. */
function round(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
