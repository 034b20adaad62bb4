import { isJsonObject, type JsonObject } from "./json-value.ts";

type Rule = (body: JsonObject) => readonly (string | false)[];

const kilobytes64 = 64 * 1024;

/** Limits that GitHub states in prose only: operation id → the problems of a request body. */
const rules: Readonly<Record<string, Rule>> = {
  "checks/create": (body) => [
    body.status === "completed" &&
      body.conclusion === undefined &&
      "body: conclusion is required when status is completed",
    ...checkRun(body),
  ],
  "checks/update": checkRun,
  "repos/create-deployment": (body) => [tooLong(body, "description", 140)],
  "repos/create-deployment-status": (body) => [tooLong(body, "description", 140)],
  "repos/create-commit-status": (body) => [tooLong(body, "description", 140)],
  "issues/create-comment": (body) => [tooLong(body, "body", 65_536)],
  "issues/update-comment": (body) => [tooLong(body, "body", 65_536)],
};

/** The problems of a request body that only GitHub's prose forbids. */
export function findProseProblems(operationId: string, body: unknown): string[] {
  if (!isJsonObject(body)) return [];
  return (rules[operationId]?.(body) ?? []).filter((problem) => problem !== false);
}

function checkRun(body: JsonObject): (string | false)[] {
  const output = isJsonObject(body.output) ? body.output : {};
  const annotations = Array.isArray(output.annotations) ? output.annotations : [];
  return [
    body.conclusion === "stale" && "body/conclusion: stale may only be set by GitHub",
    ...annotations.filter(isJsonObject).flatMap(annotation),
  ];
}

function annotation(one: JsonObject, index: number): (string | false)[] {
  const at = `body/output/annotations/${index}`;
  const bytes = (value: unknown) => (typeof value === "string" ? Buffer.byteLength(value) : 0);
  const hasColumn = one.start_column !== undefined || one.end_column !== undefined;
  return [
    tooLong(one, "title", 255, `${at}/title`),
    bytes(one.message) > kilobytes64 && `${at}/message must not be larger than 64 KB`,
    bytes(one.raw_details) > kilobytes64 && `${at}/raw_details must not be larger than 64 KB`,
    typeof one.start_line === "number" &&
      typeof one.end_line === "number" &&
      one.end_line < one.start_line &&
      `${at}/end_line must not be before start_line`,
    hasColumn &&
      one.start_line !== one.end_line &&
      `${at}: columns need start_line equal to end_line`,
  ];
}

function tooLong(body: JsonObject, key: string, limit: number, at = `body/${key}`): string | false {
  const value = body[key];
  const isLong = typeof value === "string" && Array.from(value).length > limit;
  return isLong && `${at} must NOT have more than ${limit} characters`;
}
