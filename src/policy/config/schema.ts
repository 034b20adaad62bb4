import { z } from "zod";
import { field, mapping, oneOf, text, type FieldReading } from "./fields.ts";
import { readPath, readStackPaths } from "./paths.ts";
import { readTagPattern } from "./tag-pattern.ts";
import { isMapping } from "./values.ts";
import { readVariables } from "./variables.ts";

/** An app: `apps.<name>`, or the top level of a file in the short form. */
export const appKeys = z.strictObject({
  path: field(readPath).optional(),
  stack: field(readStackPaths).optional(),
  service: field(readService).optional(),
});

/** `environments.<name>.deploy_on`. */
export const deployOnKeys = z.strictObject({
  push: field(readBranch).optional(),
  tag: field(readTagPattern).optional(),
  release: oneOf(["published"]).optional(),
});

/** `environments.<name>`. */
export const environmentKeys = z.strictObject({
  deploy_on: mapping(deployOnKeys).optional(),
  stack: field(readStackPaths).optional(),
  variables: field(readVariables).optional(),
  stack_name: text("shop-production").optional(),
  url: field(readUrl).optional(),
});

/** `environments:`. */
export const environmentsKeys = mapping(
  z.record(z.string(), mapping(environmentKeys.nullable())).nullish(),
);

/** The top of the file; what is below is looked at one by one, as content or as policy. */
export const topKeys = z.strictObject({
  apps: z.unknown().optional(),
  path: z.unknown().optional(),
  stack: z.unknown().optional(),
  service: z.unknown().optional(),
  environments: z.unknown().optional(),
});

/** Only that it is there: what it says is for the one reader of Compose services. */
function readService(value: unknown): FieldReading<object> {
  if (isMapping(value)) return { ok: true, value };
  return {
    ok: false,
    expected: "write the keys of one Compose service, such as { image: nginx:1.27 }",
  };
}

function readBranch(value: unknown): FieldReading<string> {
  const expected = "write the name of one branch, such as main";
  if (typeof value !== "string" || value.length > 255) return { ok: false, expected };
  if (/[*?[]/u.test(value)) {
    return { ok: false, expected: "patterns are not supported yet: write the name of one branch" };
  }
  if (value.startsWith("refs/")) {
    return { ok: false, expected: "write the branch without refs/heads/" };
  }
  const isValid =
    /^(?![-/.])[^\s\p{Cc}~^:\\]+(?<![/.])$/u.test(value) && !/\.\.|\/\/|@\{/u.test(value);
  return isValid ? { ok: true, value } : { ok: false, expected };
}

function readUrl(value: unknown): FieldReading<string> {
  const expected = "write an address such as https://shop.example.com";
  if (typeof value !== "string" || value.length > 1000) return { ok: false, expected };
  if (!/^https?:\/\/[^\s\p{Cc}]+$/u.test(value) || !URL.canParse(value))
    return { ok: false, expected };
  const { username, password } = new URL(value);
  if (username + password === "") return { ok: true, value };
  return { ok: false, expected: "everyone who sees the deployment sees this: leave the login out" };
}
