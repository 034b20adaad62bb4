import type { Readable } from "node:stream";

/** Reads the engine's progress format: one JSON value per line. A line that is none ends it with an error. */
export async function* readJsonLines(source: Readable): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.trim() !== "") yield JSON.parse(line);
    }
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}
