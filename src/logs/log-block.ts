import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { LogLine } from "./ports.ts";

type Row = readonly [
  at: number,
  phase: LogLine["phase"],
  stream: LogLine["stream"],
  source: string,
  level: LogLine["level"],
  text: string,
];

/** Lines that follow each other without a gap, as compressed bytes. */
export function encodeBlock(lines: readonly LogLine[]): Uint8Array {
  const rows = lines.map((line): Row => [
    line.at,
    line.phase,
    line.stream,
    line.source,
    line.level,
    line.text,
  ]);
  return zstdCompressSync(JSON.stringify(rows));
}

/** The lines of a block that `encodeBlock` made; the first of them has number `firstSeq`. */
export function decodeBlock(block: Uint8Array, firstSeq: number): readonly LogLine[] {
  const rows: readonly Row[] = JSON.parse(zstdDecompressSync(block).toString());
  return rows.map(([at, phase, stream, source, level, text], index) => ({
    seq: firstSeq + index,
    at,
    phase,
    stream,
    source,
    level,
    text,
  }));
}
