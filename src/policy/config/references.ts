import { posix } from "node:path";
import type { FieldReading } from "./fields.ts";
import { nearest } from "../../nearest.ts";

const LONGEST_REFERENCE = 512;
const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?";
const TAG = "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?";
const DIGEST = "(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?";
const REFERENCE = new RegExp(`^${HOST}${COMPONENT}(?:/${COMPONENT})*${TAG}${DIGEST}$`, "u");

/** An image reference as Docker's registries and engines take it. */
export function readImage(value: unknown): FieldReading<string> {
  const expected =
    "write an image reference such as nginx:1.27 or registry.example.com/acme/shop:v1";
  if (typeof value !== "string" || value.length > LONGEST_REFERENCE) return { ok: false, expected };
  if (/^[0-9a-f]{64}$/u.test(value)) {
    return {
      ok: false,
      expected: "an image ID means nothing to other nodes: write its name and tag",
    };
  }
  const [host = ""] = value.includes("/") ? value.split("/", 1) : [];
  const hasUpperCase = /[A-Z]/u.test(host) && !/[.:]/u.test(host);
  if (!REFERENCE.test(value) || hasUpperCase) return { ok: false, expected };
  return { ok: true, value };
}

const CONSTRAINT =
  /^([A-Za-z_][A-Za-z0-9\-_.]+)\s*(?:==|!=)\s*([A-Za-z0-9:\-_\s.*()?+[\]\\^$|/]+)$/u;
const NODE_KEYS = [
  "node.id",
  "node.hostname",
  "node.ip",
  "node.role",
  "node.platform.os",
  "node.platform.arch",
];

/** What is wrong with a placement constraint; null when Swarm can meet it. */
export function readConstraint(constraint: string): string | null {
  const [, key = "", value = ""] =
    (constraint.length > 500 ? null : CONSTRAINT.exec(constraint.trim())) ?? [];
  if (key === "")
    return "is no constraint: write it as <key>==<value> or <key>!=<value>, such as node.role==worker";
  const lower = key.toLowerCase();
  if (lower === "node.role" && !["manager", "worker"].includes(value.trim().toLowerCase())) {
    return "names a role that no node has: write manager or worker";
  }
  if (NODE_KEYS.includes(lower) || /^(?:node|engine)\.labels\../u.test(lower)) return null;
  const close = nearest(lower, NODE_KEYS);
  return `asks for something that no node has: write ${close ?? "node.labels.<name>, node.role or node.hostname"}`;
}

/** A folder or file within the repository. Whether it stays inside is for `isInside` to say. */
export function readFolder(value: unknown): FieldReading<string> {
  const expected = "write a path within the repository, such as . or services/api";
  if (typeof value !== "string" || value === "" || value.length > 1000)
    return { ok: false, expected };
  const isUsable = !/^[:~-]|\p{Cc}|\\|:\/\//u.test(value);
  return isUsable ? { ok: true, value } : { ok: false, expected };
}

/** A path without `./`, doubled or trailing slashes. */
export function tidyPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/u, "");
}

/** Whether a path stays within the folder that it is relative to. */
export function isInside(path: string): boolean {
  const tidy = tidyPath(path);
  return !posix.isAbsolute(tidy) && tidy !== ".." && !tidy.startsWith("../");
}
