import { describe, expect, it } from "vitest";
import { cleanText, cutText, CUT_NOTE, MAX_LINE_BYTES } from "../../src/logs/clean-text.ts";

describe("cleaning a line", () => {
  it.each([
    ["colours", "\u001b[1;31mred\u001b[0m text", "red text"],
    ["8-bit colours", "\u009b31mred\u009b0m", "red"],
    ["cursor movements", "\u001b[2K\u001b[1Gdone", "done"],
    ["window titles", "\u001b]0;owned\u0007ok", "ok"],
    ["hyperlinks, keeping their text", "\u001b]8;;http://x\u001b\\here\u001b]8;;\u001b\\", "here"],
    ["device control strings", "a\u001bPq#0;2;0\u001b\\b", "ab"],
    ["a lone escape", "a\u001b", "a"],
    ["bells, backspaces and NULs", "a\u0007b\u0008c\u0000d", "abcd"],
    ["bidirectional overrides", "user\u202eadmin\u2066", "useradmin"],
    ["line separators", "a\u2028b", "a b"],
    ["half a surrogate pair", "a\ud83d!", "a\ufffd!"],
    ["what was overwritten", "10%\r50%\r100%", "100%"],
    ["a carriage return at the end", "line\r", "line"],
  ])("removes %s", (_, raw, clean) => {
    expect(cleanText(raw)).toBe(clean);
  });

  it("keeps tabs, umlauts, CJK and emoji", () => {
    expect(cleanText("\tgrüße 蜂 🐝")).toBe("\tgrüße 蜂 🐝");
  });
});

describe("cutting a line", () => {
  it("leaves a line of exactly the limit alone", () => {
    const line = "x".repeat(MAX_LINE_BYTES);
    expect(cutText(line)).toBe(line);
  });

  it("cuts by bytes, between characters, and says so", () => {
    const line = "🐝".repeat(MAX_LINE_BYTES);
    expect(cutText(`a${line}`)).toBe(`a${"🐝".repeat(MAX_LINE_BYTES / 4 - 1)}${CUT_NOTE}`);
  });
});
