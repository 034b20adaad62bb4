import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Product } from "./product.ts";

/** Writes the operator's `skep.server.yml` into the data folder; Skep reads it when it starts. */
export async function writeServerConfig({ dataDir }: Product, config: object): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  // JSON is YAML.
  await writeFile(join(dataDir, "skep.server.yml"), JSON.stringify(config, null, 2));
}
