import { expect, it } from "vitest";
import { readText } from "../../src/stack/read-text.ts";

it("drops a byte order mark", () => {
  expect(readText("s.yml", Buffer.from("\uFEFFa: ü"))).toEqual({ ok: true, text: "a: ü" });
});

it("names the line of the first byte that is no UTF-8", () => {
  const bytes = Buffer.concat([Buffer.from("a: 1\nb: "), Buffer.from([0xff]), Buffer.from("\n")]);
  expect(readText("s.yml", bytes)).toMatchObject({
    ok: false,
    problem: { code: "not_utf8", file: "s.yml", line: 2 },
  });
});
