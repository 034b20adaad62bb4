import { describe, expect, it } from "vitest";
import { parseDuration } from "../../../src/stack/load/duration.ts";
import { bindSource } from "../../../src/stack/load/folder.ts";
import { parseNanoCpus } from "../../../src/stack/load/nano-cpus.ts";
import { parsePort } from "../../../src/stack/load/port.ts";
import { shellWords } from "../../../src/stack/load/shell-words.ts";
import { parseShortVolume } from "../../../src/stack/load/short-volume.ts";
import { parseSize } from "../../../src/stack/load/size.ts";

describe("a duration", () => {
  it.each([
    ["1m30s", 90_000_000_000],
    ["1.5h", 5_400_000_000_000],
    ["0.29s", 290_000_000],
    [".5s", 500_000_000],
    ["-1s", -1_000_000_000],
    ["0", 0],
    ["1h1ns", 3_600_000_000_001],
    ["10", null],
    ["1d", null],
    ["", null],
    ["s", null],
    [".s", null],
    ["9999999h", null],
    ["1s ", null],
  ])("%s is %s ns", (text, value) => {
    expect(parseDuration(text)).toBe(value);
  });
});

describe("a size", () => {
  it.each([
    ["64m", 67_108_864],
    ["1.5GiB", 1_610_612_736],
    ["10485760", 10_485_760],
    ["1 KB", 1024],
    ["5b", 5],
    ["5bb", null],
    ["5mx", null],
    ["64x", null],
    ["-1m", null],
    ["m", null],
    ["", null],
  ])("%s is %s bytes", (text, value) => {
    expect(parseSize(text)).toBe(value);
  });
});

describe("CPUs", () => {
  it.each([
    ["0.5", 500_000_000],
    ["1/4", 250_000_000],
    ["2", 2_000_000_000],
    ["1e-3", 1_000_000],
    ["1/3", "too_precise"],
    ["0.0000000001", "too_precise"],
    ["1/0", "not_a_number"],
    ["two", "not_a_number"],
    ["", "not_a_number"],
  ])("%s are %s", (text, value) => {
    expect(parseNanoCpus(text)).toBe(value);
  });
});

describe("a command", () => {
  it.each([
    [`a "b c" 'd $E'`, ["a", "b c", "d $E"]],
    ["a # b\nc#d", ["a", "c#d"]],
    [`a\\ b "c\\"d" ''`, ["a b", 'c"d', ""]],
    ["", []],
    [`a "b`, null],
    ["a \\", null],
  ])("%s has the words %j", (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });
});

describe("a short port", () => {
  const tcp = { protocol: "tcp", mode: "ingress" };

  it.each([
    ["80", [{ target: 80, ...tcp }]],
    ["127.0.0.1:8080:80/UDP", [{ target: 80, published: 8080, protocol: "udp", mode: "ingress" }]],
    [
      "8000-8001:80",
      [
        { target: 80, published: 8000, ...tcp },
        { target: 80, published: 8001, ...tcp },
      ],
    ],
    [
      "1-2:9999-10000",
      [
        { target: 10_000, published: 2, ...tcp },
        { target: 9999, published: 1, ...tcp },
      ],
    ],
    ["[::1]::80", [{ target: 80, ...tcp }]],
  ])("%s publishes %j", (text, ports) => {
    expect(parsePort(text)).toEqual(ports);
  });

  it.each(["", ":", "80:", "a", "99999", "80-79", "1-3:80-81", "80/http", "300.0.0.1:1:1", "-80"])(
    "%j is none",
    (text) => {
      expect(parsePort(text)).toBeNull();
    },
  );
});

describe("a short volume", () => {
  it.each([
    [
      "data:/data:ro,nocopy",
      { type: "volume", source: "data", target: "/data", readOnly: true, volume: { noCopy: true } },
    ],
    [
      "./a:/b:rshared,z",
      { type: "bind", source: "./a", target: "/b", bind: { propagation: "rshared" } },
    ],
    ["/data", { type: "volume", target: "/data" }],
    ["C:\\x:/y", { type: "bind", source: "C:\\x", target: "/y" }],
    ["v:/data", { type: "volume", target: "v:/data" }],
    ["v:", { type: "volume", target: "v:" }],
  ])("%s is %j", (text, mount) => {
    expect(parseShortVolume(text, { drives: true })).toEqual(mount);
  });

  it("may have a name of one letter where no drives are", () => {
    expect(parseShortVolume("v:/data", { drives: false })).toEqual({
      type: "volume",
      source: "v",
      target: "/data",
    });
  });

  it.each(["", "ab::c", "name:/b:ro:x"])("%j is refused", (text) => {
    expect(parseShortVolume(text, { drives: true })).toBeTypeOf("string");
  });
});

describe("the source of a bind mount", () => {
  it.each([
    ["./a/", "/stack/a"],
    ["../x", "/x"],
    ["/a/../b", "/a/../b"],
    ["~/x", "/home/me/x"],
    ["C:\\x", "C:\\x"],
    ["\\\\.\\pipe\\x", "/stack/\\\\.\\pipe\\x"],
  ])("%s is %s", (source, path) => {
    const lookup = (name: string): string | undefined => (name === "HOME" ? "/home/me" : undefined);
    expect(bindSource(source, "/stack", lookup)).toBe(path);
  });
});
