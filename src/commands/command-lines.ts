/** A line of a comment that begins with `/`. */
export interface CommandLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** The text without the HTML comments that end in it. */
  readonly shown: string;
}

/** What hides the lines that follow. */
type Region =
  /** A fenced code block; `inset` is how far the list that it stands in is indented. */
  | { readonly kind: "fence"; readonly mark: string; readonly inset: number }
  /** Up to `end`; when it began in the middle of a paragraph, at most to where that ends. */
  | { readonly kind: "html"; readonly end: string; readonly isInParagraph: boolean };

const LIST_MARKS = /^(?: {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+)*/u;
const FENCE = /^ {0,3}(`{3,}|~{3,})/u;
const RAW_HTML = /^ {0,3}<(pre|script|style|textarea)(?=[\s>]|$)/iu;
const COMMENT_START = /^ {0,3}<!--/u;
const QUOTE_OR_INDENTED = /^(?: {0,3}>| {4}| {0,3}\t)/u;
/** Up to three blanks and `/`, among which there may be invisible characters. */
const COMMAND = /^[\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*\//u;

/**
 * The lines of a comment that begin with `/` where Markdown shows them as text: not in fenced or indented code, quotes,
 * HTML comments or preformatted HTML. Where Markdown is in doubt, a line counts as hidden.
 */
export function* commandLines(body: string): Generator<CommandLine> {
  let region: Region | null = null;
  /** How far the text of the list item is indented in which the line stands; 0 outside. */
  let inset = 0;
  for (const [index, text] of body.split(/\r\n|\n|\r/u).entries()) {
    if (region !== null && !isLeftBy(region, text)) {
      region = regionAfter(region, text);
      continue;
    }
    region = null;
    if (inset === 0 && isPlain(text)) {
      if (text.startsWith("/")) yield { line: index + 1, text, shown: text };
      continue;
    }
    inset = insetAfter(inset, text);
    if (QUOTE_OR_INDENTED.test(text)) continue;
    region = fenceOf(text, inset);
    if (region !== null) continue;
    const html = scanHtml(text);
    region = html.region;
    if (COMMAND.test(text)) yield { line: index + 1, text, shown: html.shown };
  }
}

/** Whether the line cannot be anything but a paragraph's: most are, and this tells it fast. */
function isPlain(text: string): boolean {
  return /^[A-Za-z/]/u.test(text) && !text.includes("<!--");
}

/** Whether the line stands outside already, and is read as any other. */
function isLeftBy(region: Region, text: string): boolean {
  if (region.kind === "fence") return isDedented(text, region.inset);
  if (!region.isInParagraph) return false;
  const isBlockStart = COMMENT_START.test(text) || RAW_HTML.test(text) || fenceOf(text, 0) !== null;
  return isBlockStart || text.trim() === "";
}

function isDedented(text: string, inset: number): boolean {
  return text.trim() !== "" && text.length - text.trimStart().length < inset;
}

function listMarksOf(text: string): string {
  return LIST_MARKS.exec(text)?.[0] ?? "";
}

function insetAfter(inset: number, text: string): number {
  const own = listMarksOf(text).length;
  if (own > 0) return own;
  return isDedented(text, inset) ? 0 : inset;
}

/** What hides the lines after this one, itself hidden. */
function regionAfter(region: Region, text: string): Region | null {
  if (region.kind === "fence") return closesFence(region, text) ? null : region;
  const at = (region.end === "-->" ? text : text.toLowerCase()).indexOf(region.end);
  if (at < 0) return region;
  return scanComments(text, at + region.end.length).region;
}

function fenceOf(text: string, inset: number): Region | null {
  const rest = text.slice(inset);
  const mark = FENCE.exec(rest)?.[1];
  if (mark === undefined) return null;
  // Backticks after backticks on one line are inline code.
  const info = rest.slice(rest.indexOf(mark) + mark.length);
  return mark.startsWith("`") && info.includes("`") ? null : { kind: "fence", mark, inset };
}

function closesFence({ mark, inset }: { mark: string; inset: number }, text: string): boolean {
  const rest = text.slice(inset);
  const end = FENCE.exec(rest)?.[1];
  return end !== undefined && end.startsWith(mark) && rest.trim() === end;
}

interface HtmlScan {
  readonly region: Region | null;
  /** The text without the comments that end in it. */
  readonly shown: string;
}

function scanHtml(text: string): HtmlScan {
  const tag = RAW_HTML.exec(text.slice(listMarksOf(text).length))?.[1]?.toLowerCase();
  if (tag === undefined) return scanComments(text, 0);
  const end = `</${tag}>`;
  const isClosed = text.toLowerCase().includes(end);
  return { region: isClosed ? null : { kind: "html", end, isInParagraph: false }, shown: text };
}

function scanComments(text: string, from: number): HtmlScan {
  const lastTick = text.lastIndexOf("`");
  let shown = "";
  let kept = from;
  let seenTo = from;
  let isInCode = false;
  for (let open = text.indexOf("<!--", from); open >= 0;) {
    for (; seenTo < open; seenTo++) if (text[seenTo] === "`") isInCode = !isInCode;
    let next = open + 4;
    if (!isInCode || lastTick < open) {
      // `<!-->` is a comment too.
      const close = text.indexOf("-->", open + 2);
      if (close < 0) return { region: unclosed(text), shown: shown + text.slice(kept) };
      shown += `${text.slice(kept, open)} `;
      kept = close + 3;
      seenTo = kept;
      next = kept;
    }
    open = text.indexOf("<!--", next);
  }
  return { region: null, shown: shown + text.slice(kept) };
}

function unclosed(text: string): Region {
  return {
    kind: "html",
    end: "-->",
    isInParagraph: !COMMENT_START.test(text.slice(listMarksOf(text).length)),
  };
}
