import fc from "fast-check";
import { marked } from "marked";
import { describe, expect, it } from "vitest";
import {
  clip,
  codeSpan,
  escapeMarkdown,
  fence,
  joinBlocks,
  link,
  plainLine,
  prose,
  webAddress,
} from "../../src/checks/markdown.ts";

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "[click](javascript:alert(1))",
  "![](https://evil.example/pixel.png)",
  "**bold** _em_ ~~gone~~ `code`",
  "# heading",
  "1. list",
  "- item",
  "> quote",
  "a | b",
  "&lt;b&gt;",
  "https://evil.example www.evil.example",
  "==x==\n===",
];

function shown(html: string): string {
  return html
    .replaceAll("\u200b", "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

describe("escaped Markdown", () => {
  it.each(HOSTILE)("shows %j as it is", (text) => {
    const html = marked.parseInline(escapeMarkdown(text), { async: false });
    expect(html).not.toMatch(/<\w/u);
    expect(shown(html)).toBe(text.replace("\n", " "));
  });

  it("starts no block, whatever the line starts with", () => {
    for (const text of HOSTILE) {
      expect(marked.parse(escapeMarkdown(text), { async: false })).toMatch(/^<p>[^<]*<\/p>\n$/u);
    }
  });

  it("keeps GitHub from seeing a mention or a reference", () => {
    expect(escapeMarkdown("thanks @octo/team, see #12 and a@b.c")).toBe(
      "thanks \\@\u200bocto/team, see \\#\u200b12 and a\\@\u200bb\\.c",
    );
  });

  it.each(["GH-12", "see gh-12", "xGH-12"])("keeps GitHub from seeing an issue in %s", (text) => {
    expect(escapeMarkdown(text).replace("\\", "")).toMatch(/gh-\u200b12/iu);
  });

  it("never lets a tag through, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const html = marked.parse(`before ${escapeMarkdown(text)} after`, { async: false });
        return /^<p>[^<]*<\/p>\n$/u.test(html);
      }),
    );
  });
});

describe("prose", () => {
  it("turns what stands between backticks into code and escapes the rest", () => {
    expect(prose("step `RUN *x*` failed: <b>")).toBe("step `RUN *x*` failed\\: \\<b\\>");
  });

  it("escapes a backtick without a partner", () => {
    expect(prose("it`s @me")).toBe("it\\`s \\@\u200bme");
  });

  it("never lets a tag through, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", "<b>", "@", "\\", " ", "x") }), (text) => {
        const html = marked.parse(`- ${prose(text)} end`, { async: false });
        return !/<(?!\/?(?:ul|li|code)>)/u.test(html);
      }),
    );
  });
});

describe("inline code", () => {
  it.each([
    ["web", "`web`"],
    ["a`b", "``a`b``"],
    ["`", "`` ` ``"],
    ["``x", "``` ``x ```"],
    ["", "–"],
    ["two\nlines", "`two lines`"],
  ])("wraps %j", (text, expected) => {
    expect(codeSpan(text)).toBe(expected);
  });
});

describe("a fence", () => {
  it("cannot be closed by what it holds", () => {
    const lines = ["```", "````", "~~~", "</code></pre><script>", "@octo #1"];
    const html = marked.parse(fence(lines), { async: false });
    expect(html.match(/<pre>/gu)).toHaveLength(1);
    expect(html).not.toContain("<script>");
    expect(shown(html)).toContain(lines.join("\n"));
  });

  it("keeps the last lines, without colours, control characters and excess", () => {
    expect(fence(["one", "\u001b[31mtwo\u001b[0m\u0007", "x\tthree\r\nfour"], 3, 6)).toBe(
      "```text\ntwo\nx  th…\nfour\n```",
    );
  });

  it("holds for any lines", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("`", "~", "\n", "x", " ", "<p>") })),
        (lines) => {
          const html = marked.parse(`${fence(lines)}\n\nafter`, { async: false });
          return html.endsWith("</code></pre>\n<p>after</p>\n");
        },
      ),
    );
  });
});

describe("plain text", () => {
  it("drops what could make it look like another text", () => {
    expect(plainLine("safe\u202e txt\u200b.exe\u0000\u2028 \n end ", 50)).toBe("safe txt.exe end");
  });

  it("is cut with an ellipsis, never through a character", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("ab😀cd", 4)).toBe("ab…");
    expect(clip("abcd", 4)).toBe("abcd");
  });
});

describe("links", () => {
  it.each([
    ["https://shop.example.com/a(b)", "[Open](https://shop.example.com/a%28b%29)"],
    ["javascript:alert(1)", "Open"],
    ["not an address", "Open"],
    ["https://user:secret@shop.example.com", "Open"],
  ])("to %s", (url, expected) => {
    expect(link("Open", url)).toBe(expected);
  });

  it("are made of http(s) addresses only", () => {
    expect(webAddress("http://shop.example.com")).toBe("http://shop.example.com/");
    expect(webAddress("file:///etc/passwd")).toBeNull();
  });
});

describe("blocks", () => {
  it("are parted by blank lines, empty ones left out", () => {
    expect(joinBlocks(["a", "", "b"], 100, "more")).toBe("a\n\nb");
  });

  it("are left out whole when they do not fit, counted in bytes", () => {
    expect(joinBlocks(["ä".repeat(10), "x".repeat(30), "b"], 40, "more")).toBe(
      `${"ä".repeat(10)}\n\nb\n\nmore`,
    );
  });
});
