import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Hono } from "hono";
import type { WebContext } from "./web-ports.ts";

const TYPES = {
  "style.css": "text/css; charset=utf-8",
  "log-view.js": "text/javascript; charset=utf-8",
  "list-view.js": "text/javascript; charset=utf-8",
  "sign-in.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

/** The files that pages load. */
export type AssetName = keyof typeof TYPES;

/** The pages' own files, each under a name that changes with its content. */
export interface Assets {
  /** The path of a file, `/assets/<name>.<hash>.<extension>`. */
  path(name: AssetName): string;
  readonly app: Hono<WebContext>;
}

/** Reads the files once. */
export function createAssets(): Assets {
  const app = new Hono<WebContext>();
  const paths = new Map<AssetName, string>();
  for (const name of Object.keys(TYPES) as AssetName[]) {
    const content = readFileSync(new URL(`./assets/${name}`, import.meta.url));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
    const path = `/assets/${name.replace(".", `.${hash}.`)}`;
    paths.set(name, path);
    app.get(path, (c) =>
      c.body(new Uint8Array(content), 200, {
        "content-type": TYPES[name],
        "cache-control": "public, max-age=31536000, immutable",
      }),
    );
  }
  return { app, path: (name) => paths.get(name) ?? "" };
}
