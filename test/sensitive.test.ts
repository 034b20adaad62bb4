import { format, inspect } from "node:util";
import { expect, it } from "vitest";
import { createLogger } from "../src/logger.ts";
import { createSensitive } from "../src/sensitive.ts";

const SECRET = "correct horse battery staple";

it("shows a secret only where it is revealed", () => {
  const sensitive = createSensitive(SECRET);
  expect(sensitive.reveal()).toBe(SECRET);
  const shown = [
    String(sensitive),
    `${sensitive.toString()}`,
    JSON.stringify({ sensitive }),
    inspect({ deep: { sensitive } }, { depth: 9, showHidden: true }),
    format("%s %o %j", sensitive, sensitive, sensitive),
    Object.values(sensitive).map(String).join(),
    inspect(structuredCloneOrError(sensitive)),
  ];
  for (const text of shown) expect(text).not.toContain(SECRET);
  expect(shown.slice(0, 4).every((text) => text.includes("[REDACTED]"))).toBe(true);
});

/** Functions cannot be cloned, so neither can a secret cross to a thread unnoticed. */
function structuredCloneOrError(value: object): unknown {
  try {
    return structuredClone(value);
  } catch (error) {
    return error;
  }
}

it("keeps a secret out of the log", () => {
  const written: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
  try {
    createLogger("info").info({ secret: createSensitive(SECRET) }, "starting");
  } finally {
    process.stdout.write = write;
  }
  expect(written.join("")).not.toContain(SECRET);
});
