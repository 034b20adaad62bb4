import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { StackObjects } from "../../src/stack/convert/convert-stack.ts";
import { stackObjects } from "../../src/stack/objects.ts";
import { readCases, REAL_CASES, RULE_CASES, type StackCase } from "./cases.ts";
import { differences } from "./wire.ts";

/** What Skep refuses though the CLI does not: it would deploy something that nobody meant. */
const STRICTER = ["required_variable", "variable_unset"];

/** What Skep does for every stack alike: it is taken away before the rest is compared. */
const EVERYWHERE = ["update_defaults", "content_name"];

/** The objects without update settings, and without what tells the content of configs and secrets. */
function withoutOwn(objects: StackObjects): unknown {
  const services = Object.entries(objects.services).map(([name, body]) => {
    const { UpdateConfig: _, RollbackConfig: __, ...rest } = body;
    return [name, rest];
  });
  const text = JSON.stringify({ ...objects, services: Object.fromEntries(services) });
  return JSON.parse(
    text
      .replaceAll(/_[0-9a-f]{12}(?=")/gu, "")
      .replaceAll(/,"skep\.content":"[0-9a-f]{64}"/gu, "")
      // Long names are cut where digits follow them.
      .replaceAll(/"([\w.-]{51})[\w.-]{1,13}"/gu, '"$1"'),
  );
}

/** The codes with which Skep does something else than with `--as-cli`, and whether it does. */
function compare({ request }: StackCase): {
  readonly isOther: boolean;
  readonly codes: readonly string[];
} {
  const cli = stackObjects(request);
  const own = stackObjects({ ...request, asCli: false });
  if (!own.ok) return { isOther: cli.ok, codes: own.problems.map(({ code }) => code) };
  const isOther =
    !cli.ok || differences(withoutOwn(cli.objects), withoutOwn(own.objects)).length > 0;
  const codes = own.notes.map(({ code }) => code).filter((code) => !EVERYWHERE.includes(code));
  return { isOther, codes };
}

const FOLDERS = [RULE_CASES, REAL_CASES].filter((folder) => existsSync(folder));

describe.each(FOLDERS)("what Skep does otherwise in %s", (folder) => {
  const cases = readCases(folder);
  const accepted = cases.filter(({ refusal }) => refusal === null);

  it.each(accepted)("is told for $name", (stack) => {
    const { isOther, codes } = compare(stack);
    expect(codes.length > 0 || !isOther).toBe(true);
    const own = stackObjects({ ...stack.request, asCli: false });
    if (!own.ok) expect(STRICTER).toEqual(expect.arrayContaining([...codes]));
  });

  it.each(accepted)("is not done as the CLI for $name", (stack) => {
    const result = stackObjects(stack.request);
    expect(result.ok && result.notes).toEqual([]);
  });
});

describe("known cases", () => {
  it.each([
    ["env-host", "host_value"],
    ["env-interp-empty-unset", "variable_unset"],
    ["int-required-hyphen", "required_variable"],
    ["mrg-cmd-empty", "false_overrides"],
    ["mrg-false", "false_overrides"],
    ["vol-one-letter", "one_letter_volume"],
  ])("%s meets %s", (name, code) => {
    const stack = readCases(RULE_CASES).find((each) => each.name === name);
    expect(stack && compare(stack)).toMatchObject({
      isOther: true,
      codes: expect.arrayContaining([code]),
    });
  });
});
