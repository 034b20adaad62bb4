import { expect, it } from "vitest";
import { createLocator } from "../../src/stack/locate.ts";

const FIRST = `services:
  a.b:
    image: x
    ports: [80, 81]
  web: { image: y }
`;
const SECOND = `services:
  web:
    hostname: w
`;
const FILES = [
  { path: "one.yml", text: FIRST },
  { path: "two.yml", text: SECOND },
];

it.each([
  ["services.a.b.image", "one.yml", 3],
  ["services.a.b.ports[1]", "one.yml", 4],
  ["services.a.b.ports.1", "one.yml", 4],
  ["services.web.hostname", "two.yml", 3],
  ["services.web.image", "one.yml", 5],
  // Said in neither: where the service is said last.
  ["services.web.labels.x", "two.yml", 2],
])("finds %s", (key, file, line) => {
  expect(createLocator(FILES)(key)).toEqual({ file, line, key });
});

it("names the file alone where there is nothing to point at", () => {
  expect(createLocator([{ path: "one.yml", text: "a: [" }])("a")).toEqual({
    file: "one.yml",
    line: null,
    key: "a",
  });
});
