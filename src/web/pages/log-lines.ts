import { html } from "hono/html";
import { formatInstant } from "../../checks/format-time.ts";
import type { Phase } from "../../deployment.ts";
import type { LogLine } from "../../logs/ports.ts";
import type { Html } from "./page.ts";
import { PHASE_NAMES } from "./state-look.ts";

/** Lines of one phase that follow each other. */
export interface LineGroup {
  readonly phase: Phase | null;
  readonly lines: readonly LogLine[];
}

/** Lines that a browser may leave unpainted together while they are out of sight. */
export const CHUNK_LINES = 200;

/** The lines in their order, parted wherever the phase changes. */
export function groupByPhase(lines: readonly LogLine[]): readonly LineGroup[] {
  const groups: { phase: Phase | null; lines: LogLine[] }[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last?.phase === line.phase) last.lines.push(line);
    else groups.push({ phase: line.phase, lines: [line] });
  }
  return groups;
}

/** The heading of a group. */
export function groupName(phase: Phase | null): string {
  return phase === null ? "Skep" : PHASE_NAMES[phase];
}

/** A group with its heading, open. */
export function renderGroup({ phase, lines }: LineGroup): Html {
  const chunks: Html[] = [];
  for (let at = 0; at < lines.length; at += CHUNK_LINES) {
    const chunk = lines.slice(at, at + CHUNK_LINES);
    const kind = chunk.length === CHUNK_LINES ? "chunk full" : "chunk";
    chunks.push(
      html`<ol class="${kind}">
        ${chunk.map(renderLine)}
      </ol>`,
    );
  }
  const count = `${lines.length.toLocaleString("en-US")} ${lines.length === 1 ? "line" : "lines"}`;
  return html`<details class="group" data-phase="${phase ?? ""}" open>
    <summary>${groupName(phase)} <span class="count">${count}</span></summary>
    ${chunks}
  </details>`;
}

/** One line; its number is a link to itself. Kept short: a page holds thousands. */
export function renderLine(line: LogLine): Html {
  const { seq, at, stream, source, level, text } = line;
  const who = source === "" ? "skep" : source;
  const kind = level === "error" ? "l e" : "l";
  const instant = formatInstant(at);
  // prettier-ignore
  return html`<li id="L${seq}" class="${kind}" data-s="${stream}"><a class="n" href="#L${seq}">${seq}</a><time class="t" title="${instant}">${instant.slice(11, 19)}</time><span class="s" title="${who}">${who}</span><span class="x">${text}</span></li>`;
}
