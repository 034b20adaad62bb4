// Hostile text (commit titles, build output, YAML) on its way into Markdown and plain text that GitHub shows.

const ANSI =
  // eslint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/gu;
// Control, bidirectional and invisible format characters, line separators, lone surrogates: all that could make a
// text look like another one. The tab is turned into a blank before.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
// U+200B after `@`, `#` and `GH-` keeps GitHub from seeing a mention or a reference; a backslash alone does not,
// because GitHub looks for them after Markdown is rendered.
const ZERO_WIDTH_SPACE = "\u200b";

function visible(line: string): string {
  return line.replace(ANSI, "").replaceAll("\t", "  ").replace(UNSEEN, "");
}

/** At most `max` UTF-16 units, the last one `…` when something was cut; never half a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/u, "")}…`;
}

/** One line of visible characters, blanks collapsed, at most `max` UTF-16 units: for titles and other plain text. */
export function plainLine(text: string, max: number): string {
  // Cut first, with room for what is taken out, so that a giant text costs no more than a long one.
  const oneLine = text.slice(0, max * 8).replace(/\s+/gu, " ");
  return clip(visible(oneLine).trim(), max);
}

/** One line of Markdown that shows the text as it is: no markup, no HTML, no mention, no reference. */
export function escapeMarkdown(text: string, max = 1_000): string {
  return escapeInline(plainLine(text, max));
}

function escapeInline(line: string): string {
  return line
    .replace(/[\\`*_{}[\]()<>#+\-.!|~&$:@=^]/gu, "\\$&")
    .replace(/\\[@#]|gh\\-(?=\d)/giu, `$&${ZERO_WIDTH_SPACE}`);
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/gu)].map((match) => match[0].length));
}

/** The text as inline code for table cells, where a `|` between backticks would end the cell. */
export function cellCode(text: string, max = 100): string {
  const line = plainLine(text, max);
  return line === "" ? "–" : `<code>${escapeInline(line)}</code>`;
}

/** The text as inline code; not for table cells. */
export function codeSpan(text: string, max = 200): string {
  const line = plainLine(text, max);
  if (line === "") return "–";
  const ticks = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** Escaped Markdown in which what stands between two backticks of the text becomes inline code. */
export function prose(text: string, max = 1_000): string {
  return plainLine(text, max)
    .split(/`([^`]+)`/u)
    .map((part, i) => (i % 2 === 1 ? codeSpan(part, max) : escapeInline(part)))
    .join("");
}

/** The last `maxLines` lines as a code block that no content can break out of. */
export function fence(lines: readonly string[], maxLines = 40, maxLength = 400): string {
  const shown = lines
    .slice(-maxLines)
    .flatMap((line) => line.slice(0, maxLength * 8).split(/\r\n|[\r\n]/u))
    .slice(-maxLines)
    .map((line) => clip(visible(line).trimEnd(), maxLength));
  const ticks = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1));
  return [`${ticks}text`, ...shown, ticks].join("\n");
}

/** An http(s) address in its normal form, or null for anything else. */
export function webAddress(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, username, password, href } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return null;
  return username === "" && password === "" ? href : null;
}

/** A link with a label that is already Markdown; the label alone when the address is no http(s) one. */
export function link(label: string, url: string): string {
  const address = webAddress(url);
  if (address === null) return label;
  const encoded = address.replace(/[()<>[\]\\|`]/gu, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `[${label}](${encoded})`;
}

/**
 * Blocks parted by blank lines, as many as fit into `maxBytes` of UTF-8; `ending` says that some did not. GitHub
 * documents characters and counts bytes (github/docs issue 35252).
 */
export function joinBlocks(blocks: readonly string[], maxBytes: number, ending: string): string {
  const size = (text: string): number => Buffer.byteLength(text, "utf8");
  const present = blocks.filter((block) => block !== "");
  const whole = present.join("\n\n");
  if (size(whole) <= maxBytes) return whole;
  let kept = "";
  for (const block of present) {
    const longer = `${kept}${block}\n\n`;
    if (size(longer) + size(ending) > maxBytes) continue;
    kept = longer;
  }
  return `${kept}${ending}`;
}
