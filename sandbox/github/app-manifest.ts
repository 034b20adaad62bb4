import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const manifest = z.object({
  name: z.string(),
  description: z.string().default(""),
  url: z.string(),
  default_events: z.array(z.string()).default([]),
  default_permissions: z.record(z.string(), z.string()).default({}),
});

/** What the App asks for: its permissions and events are those of `app.yml`. */
export interface AppManifest {
  readonly name: string;
  readonly slug: string;
  readonly description: string;
  readonly homepage: string;
  readonly events: readonly string[];
  readonly permissions: Readonly<Record<string, string>>;
}

/** Reads an App manifest; the default is the repository's own `app.yml`. */
export function readAppManifest(
  file: string | URL = new URL("../../app.yml", import.meta.url),
): AppManifest {
  const raw = manifest.parse(parse(readFileSync(file, "utf8")));
  return {
    name: raw.name,
    slug: raw.name.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
    description: raw.description,
    homepage: raw.url,
    events: raw.default_events,
    // Every App may read metadata.
    permissions: { metadata: "read", ...raw.default_permissions },
  };
}
