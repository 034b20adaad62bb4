import { Marked, type Tokens } from "marked";

// Of raw HTML GitHub keeps a list of harmless elements; these, without attributes, are enough here.
const kept = "details|summary|br|hr|sub|sup|kbd|b|i|em|strong|code|ins|del";
const keptTag = new RegExp(`&lt;(/?(?:${kept})(?: open)?(?: ?/)?)&gt;`, "gi");

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => renderRawHtml(text),
    link({ href, title, tokens }: Tokens.Link) {
      const text = this.parser.parseInline(tokens);
      if (!isSafeAddress(href)) return text;
      const titled = title ? ` title="${escapeHtml(title)}"` : "";
      return `<a href="${escapeHtml(href)}"${titled} rel="nofollow noopener">${text}</a>`;
    },
    // A picture would be a request to somebody else's server.
    image: ({ href, text }: Tokens.Image) =>
      isSafeAddress(href)
        ? `<a href="${escapeHtml(href)}" rel="nofollow noopener">${escapeHtml(text || href)}</a>`
        : escapeHtml(text),
  },
});

/** Renders GitHub-flavoured Markdown from anybody as HTML that holds no script, style or foreign picture. */
export function renderMarkdown(text: string): string {
  return marked.parse(text, { async: false });
}

/** The same for what people write to each other: as on GitHub, each line of it is a line. */
export function renderConversationMarkdown(text: string): string {
  return marked.parse(text, { async: false, breaks: true });
}

/** Escapes text for HTML, between tags or within quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function renderRawHtml(text: string): string {
  const shown = text.replace(/<!--[^]*?-->/g, "");
  return escapeHtml(shown).replace(keptTag, "<$1>");
}

function isSafeAddress(href: string): boolean {
  // Browsers drop white space and control characters before they read the scheme.
  // oxlint-disable-next-line no-control-regex
  const bare = href.replace(/[\u0000-\u0020]/g, "");
  return /^(https?:|mailto:|[#/?]|[^:]*$)/i.test(bare);
}
