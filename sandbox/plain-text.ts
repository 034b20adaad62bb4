import { lexer, type Token, type Tokens } from "marked";

/** Markdown as a terminal shows it best: no marks, and tables in columns. */
export function toPlainText(markdown: string): string {
  return blocks(lexer(markdown)).join("\n\n");
}

function blocks(tokens: readonly Token[]): readonly string[] {
  return tokens.map((token) => block(token)).filter((text) => text !== "");
}

function block(token: Token): string {
  switch (token.type) {
    case "table":
      return table(token as Tokens.Table);
    case "list":
      return (token as Tokens.List).items
        .map((item) => `- ${blocks(item.tokens).join("\n  ")}`)
        .join("\n");
    case "code":
      return (token as Tokens.Code).text.replaceAll(/^/gm, "    ");
    case "space":
    case "html":
      return "";
    default:
      return inline("tokens" in token ? token.tokens : undefined, token.raw);
  }
}

function inline(tokens: readonly Token[] | undefined, raw: string): string {
  if (!tokens) return raw.trim();
  return tokens.map((token) => inlineToken(token)).join("");
}

function inlineToken(token: Token): string {
  if (token.type === "br") return "\n";
  if (token.type === "link") {
    const { href } = token as Tokens.Link;
    const label = inline(token.tokens, token.raw);
    return label === href ? href : `${label} (${href})`;
  }
  if ("tokens" in token && token.tokens) return inline(token.tokens, token.raw);
  // Zero-width characters keep GitHub from making links of mentions; a terminal makes none.
  return ("text" in token ? String(token.text) : token.raw).replaceAll(/\u200b/g, "");
}

function table(token: Tokens.Table): string {
  const rows = [token.header, ...token.rows].map((row) =>
    row.map((cell) => inline(cell.tokens, cell.text)),
  );
  const widths = token.header.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return token.align[column] === "right" ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
