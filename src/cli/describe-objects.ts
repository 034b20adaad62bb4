import type { StackObjects } from "../stack/convert/convert-stack.ts";
import type { StackRemark } from "../stack/model.ts";

const KINDS = ["networks", "secrets", "configs", "services"] as const;

/** JSON with sorted keys, so that two outputs can be compared line by line. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, sortKeys, 2);
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** A line for each object, in the order of creation. */
export function describeObjects(objects: StackObjects): string {
  const lines = KINDS.flatMap((kind) =>
    Object.entries(objects[kind])
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, body]) => `${kind.slice(0, -1).padEnd(8)} ${name}${imageOf(body)}`),
  );
  return lines.map(printable).join("\n");
}

/** A line for each remark: where, and what. */
export function describeRemarks(remarks: readonly StackRemark[]): string {
  return remarks
    .map(({ code, file, line, key, message }) => {
      const place = line === null ? file : `${file}:${line}`;
      return printable(`${place}: ${key === "" ? "" : `${key}: `}${message} (${code})`);
    })
    .join("\n");
}

function imageOf(body: unknown): string {
  const image = at(at(at(body, "TaskTemplate"), "ContainerSpec"), "Image");
  return typeof image === "string" ? `  ${image}` : "";
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;
}

/** Names and messages hold the file's own text: nothing of it may steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => JSON.stringify(c).slice(1, -1));
}
