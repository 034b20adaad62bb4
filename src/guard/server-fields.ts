import type { z } from "zod";
import { describe, field, type FieldReading } from "../policy/config/fields.ts";
import { isGoScalar } from "../policy/config/scalars.ts";
import { parseNanoCpus } from "../stack/load/nano-cpus.ts";
import { parseSize } from "../stack/load/size.ts";
import { tidyPath, tidyShare } from "./bind-paths.ts";
import type { AllowedBind, PortRange } from "./rules.ts";

const HIGHEST_PORT = 65_535;

function refuse<T>(expected: string): FieldReading<T> {
  return { ok: false, expected };
}

/** A list whose items are read one by one; a fault is told at its item. */
export function listOf<T>(
  example: string,
  read: (item: unknown) => FieldReading<T>,
): z.ZodType<readonly T[]> {
  return field((value): FieldReading<readonly T[]> => {
    if (!Array.isArray(value)) return refuse(`write a list such as ${example}`);
    const items: readonly unknown[] = value;
    const found: T[] = [];
    for (const [index, item] of items.entries()) {
      const reading = read(item);
      if (!reading.ok) {
        // A fault within the item says itself what is there.
        const what = reading.path === undefined ? `is ${describe(item)}: ` : "";
        const expected = `${what}${reading.expected}`;
        return { ok: false, expected, path: [index, ...(reading.path ?? [])] };
      }
      found.push(reading.value);
    }
    return { ok: true, value: found };
  });
}

/** A list of texts of one form. */
export function textsLike(example: string, form: RegExp): z.ZodType<readonly string[]> {
  return listOf(`[${example}]`, (item) =>
    typeof item === "string" && item.length <= 255 && form.test(item)
      ? { ok: true, value: item }
      : refuse(`write a text such as ${example}`),
  );
}

/** Ports: `"443"` or `"1024-65535"`. */
export const portRanges: z.ZodType<readonly PortRange[]> = listOf('["443"]', readPorts);

function readPorts(item: unknown): FieldReading<PortRange> {
  const text = isGoScalar(item) ? item.source : item;
  const expected = 'write a port or a range of ports in quotes, such as "443" or "8000-8999"';
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/u.exec(`${String(text)}`) ?? [];
  const from = Number(first);
  const to = Number(last ?? first);
  const isRange = first !== undefined && from >= 1 && from <= to && to <= HIGHEST_PORT;
  return isRange ? { ok: true, value: { from, to } } : refuse(expected);
}

/** Capabilities, with or without `CAP_`. */
export const capabilities: z.ZodType<readonly string[]> = listOf("[NET_ADMIN]", (item) => {
  const isName = typeof item === "string" && /^[A-Z_]{2,40}$/iu.test(item);
  if (!isName) return refuse("write the name of a capability, such as NET_ADMIN");
  return { ok: true, value: item.toUpperCase().replace(/^CAP_/u, "") };
});

const BIND_KEYS = ["path", "create", "read_only", "subfolders"];

/** Folders: `{ path: /srv/shop, create: true, read_only: true, subfolders: true }`. */
export const binds: z.ZodType<readonly AllowedBind[]> = listOf("[{ path: /srv/shop }]", readBind);

function readBind(item: unknown): FieldReading<AllowedBind> {
  if (typeof item !== "object" || item === null || Array.isArray(item) || isGoScalar(item)) {
    return refuse("write a mapping such as { path: /srv/shop }");
  }
  const entries = new Map<string, unknown>(Object.entries(item));
  const stranger = [...entries.keys()].find((key) => !BIND_KEYS.includes(key));
  if (stranger !== undefined) {
    return { ok: false, expected: `is not known: use ${BIND_KEYS.join(", ")}`, path: [stranger] };
  }
  const flags = ["create", "read_only", "subfolders"].map((key) => entries.get(key) ?? false);
  const [isCreated, isReadOnly, hasSubfolders] = flags;
  if (
    typeof isCreated !== "boolean" ||
    typeof isReadOnly !== "boolean" ||
    typeof hasSubfolders !== "boolean"
  ) {
    return refuse("write true or false for create, read_only and subfolders");
  }
  const path = readPlace(entries.get("path"));
  if (path === null) {
    const expected = `is ${describe(entries.get("path"))}: write an absolute path such as /srv/shop, without .., or host:/path of NFS`;
    return { ok: false, expected, path: ["path"] };
  }
  return { ok: true, value: { path, isCreated, isReadOnly, hasSubfolders } };
}

function readPlace(value: unknown): string | null {
  if (typeof value !== "string" || value.includes("*") || value.split("/").includes("..")) {
    return null;
  }
  return value.startsWith("/") ? tidyPath(value) : tidyShare(value, []);
}

/** Billionths of a CPU. */
export const cpuLimit: z.ZodType<number> = field((value) => {
  const text = isGoScalar(value) ? value.source : value;
  const nano = typeof text === "string" ? parseNanoCpus(text) : null;
  return typeof nano === "number" && nano > 0
    ? { ok: true, value: nano }
    : refuse('write a number of CPUs such as "4"');
});

/** Bytes. */
export const memoryLimit: z.ZodType<number> = field((value) => {
  const bytes = typeof value === "string" ? parseSize(value) : null;
  return bytes !== null && bytes > 0
    ? { ok: true, value: bytes }
    : refuse("write a size such as 8g");
});

/** `true` or `false`. */
export const flag: z.ZodType<boolean> = field((value) =>
  typeof value === "boolean" ? { ok: true, value } : refuse("write true or false"),
);

/** A whole number from 1 to `most`. */
export function count(most: number): z.ZodType<number> {
  return field((value) => {
    const number = isGoScalar(value) ? value.value : Number.NaN;
    return Number.isInteger(number) && number >= 1 && number <= most
      ? { ok: true, value: number }
      : refuse(`write a whole number from 1 to ${most}, without quotes`);
  });
}
