import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/logs/redactor.ts";

const SECRET = "correct horse/battery+staple";

function redactorOf(...secrets: readonly string[]): (text: string, source?: string) => string {
  const redactor = createRedactor();
  redactor.add(secrets);
  return (text, source = "a") => redactor.redact(source, text);
}

describe("a known secret", () => {
  it.each([
    ["as it is", `x ${SECRET} y`],
    ["in Base64", `x ${Buffer.from(SECRET).toString("base64")} y`],
    ["in URL-safe Base64", `x ${Buffer.from(`${SECRET}?>`).toString("base64url").slice(0, 37)} y`],
    ["percent-encoded", `x ${encodeURIComponent(SECRET)} y`],
    ["percent-encoded in lower case", `x ${encodeURIComponent(SECRET).toLowerCase()} y`],
    ["in a form", `x ${encodeURIComponent(SECRET).replaceAll("%20", "+")} y`],
  ])("is hidden %s", (_, line) => {
    expect(redactorOf(SECRET)(line)).toMatch(/^x \[REDACTED\].? y$/);
  });

  it("is hidden inside a longer text in Base64, at every offset", () => {
    const redact = redactorOf("hunter2hunter2");
    for (const before of ["", "a", "ab", "ana:"]) {
      const encoded = Buffer.from(`${before}hunter2hunter2!?`).toString("base64");
      expect(redact(`{${encoded}}`)).toMatch(/^\{[\w+/]{0,7}\[REDACTED\][\w+/=]{0,5}\}$/);
    }
  });

  it("is hidden in JSON text", () => {
    expect(redactorOf('a"b\\c\td')(JSON.stringify({ v: 'a"b\\c\td' }))).toBe('{"v":"[REDACTED]"}');
  });

  it("is hidden line by line when it has several", () => {
    const redact = redactorOf("-----BEGIN THING-----\nabcdefghijkl\r\nmnopqrstuvwx\n}\n");
    expect(redact("> abcdefghijkl")).toBe("> [REDACTED]");
    expect(redact("> mnopqrstuvwx")).toBe("> [REDACTED]");
    expect(redact("}")).toBe("}");
  });

  it("is left alone when it is too short to be hidden without harm", () => {
    expect(redactorOf("a", "", "   ", "123")("a 123")).toBe("a 123");
  });

  it("is hidden wholly when it overlaps another", () => {
    expect(redactorOf("abcdef", "defghi", "abcd")("x abcdefghi y")).toBe("x [REDACTED] y");
  });

  it("holds no meaning for the matcher", () => {
    expect(redactorOf("a.c*[x](y)$")("abc a.c*[x](y)$")).toBe("abc [REDACTED]");
  });
});

describe("a secret cut by the end of a line", () => {
  it("is hidden on both sides", () => {
    const redact = redactorOf("topsecretvalue");
    expect(redact("value: topsecr")).toBe("value: [REDACTED]");
    expect(redact("etvalue, next")).toBe("[REDACTED], next");
  });

  it("does not mark the lines of another source", () => {
    const redact = redactorOf("topsecretvalue");
    redact("value: topsecr", "a");
    expect(redact("etvalue", "b")).toBe("etvalue");
  });

  it("never shows more than three characters of it, however it is cut", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/$.*-]{8,60}$/);
    const cuts = fc.array(fc.nat(60), { maxLength: 6 });
    const around = fc.stringMatching(/^[ #:]{0,8}$/);
    fc.assert(
      fc.property(secret, cuts, around, around, (value, places, before, after) => {
        const redact = redactorOf(value);
        const ends = [...new Set([0, ...places.map((at) => at % value.length), value.length])];
        const edges = ends.toSorted((a, b) => a - b);
        const pieces = edges.slice(1).map((end, i) => value.slice(edges[i], end));
        const lines = pieces.map((piece, i) => {
          const isLast = i === pieces.length - 1;
          return (i === 0 ? before : "") + piece + (isLast ? after : "");
        });
        const shown = lines.map((line) => redact(line)).join("");
        const readable = shown.replaceAll("[REDACTED]", "").slice(before.length);
        expect(readable.length).toBeLessThanOrEqual(3 + after.length);
      }),
      { numRuns: 500 },
    );
  });

  it("is hidden when a token of an unknown value lies over the border of a long line", () => {
    const redact = redactorOf();
    const token = `ghs_${"k3".repeat(18)}`;
    expect(redact(`${" ".repeat(2_000)}${token.slice(0, 20)}`)).toMatch(/ \[REDACTED\]$/);
    expect(redact(`${token.slice(20)} tail`)).toBe("[REDACTED] tail");
  });
});

describe("a private key", () => {
  it("is hidden over its lines, and a block without an end hides only so many", () => {
    const redact = redactorOf();
    expect(redact("-----BEGIN PRIVATE KEY-----")).toBe("[REDACTED]");
    const shown = Array.from({ length: 500 }, (_, i) => redact(`line ${i}`));
    expect(shown.filter((line) => line === "[REDACTED]").length).toBe(400);
    expect(shown.at(-1)).toBe("line 499");
  });
});
