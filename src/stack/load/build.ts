import type { StackBuild } from "../model.ts";
import { defined, type Fields } from "./fields.ts";
import { pairsOf } from "./pairs.ts";
import type { At } from "./report.ts";
import type { Lookup } from "./template.ts";
import { isMapping } from "./value.ts";

const READ = new Set(["context", "dockerfile", "args", "target"]);

/** Keys that change how fast an image is made, or what it is called, but not what is in it; and what to do instead. */
const HARMLESS: ReadonlyMap<string, string> = new Map([
  ["cache_from", "leave it out: layers are kept on the machine that builds."],
  ["cache_to", "leave it out: layers are kept on the machine that builds."],
  ["no_cache", "leave it out: the same content is built once."],
  ["pull", "leave it out: name the base image by its digest where it matters."],
  ["tags", "leave it out: Skep names what it builds."],
  ["provenance", "leave it out: Skep makes none."],
  ["sbom", "leave it out: Skep makes none."],
]);

/** What the others are done by instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["labels", "write LABEL into the Dockerfile."],
  ["dockerfile_inline", "write the Dockerfile as a file, and name it by `dockerfile`."],
  ["additional_contexts", "copy what is needed into the context, or name an image in FROM."],
  ["secrets", "no build may know secrets: give them to the running service by `secrets`."],
  ["ssh", "no build may know keys: fetch private sources before, in CI."],
  ["network", "builds have the default network: leave it out."],
  ["platforms", "images are built for the machine that builds: leave it out."],
  ["platform", "images are built for the machine that builds: leave it out."],
]);

/** A service's `build` as this file says it; the CLI knows none. Keys that Skep cannot honour are told by name. */
export function readBuild(
  fields: Fields,
  { asCli, lookup }: { readonly asCli: boolean; readonly lookup: Lookup },
): StackBuild | undefined {
  if (asCli) return undefined;
  const context = fields.text("build");
  if (context !== undefined) return { context };
  tellOtherKeys(fields);
  return fields.inside("build", (build) =>
    defined<StackBuild>({
      context: build.text("context"),
      dockerfile: build.text("dockerfile"),
      args: readArgs(build, lookup),
      target: build.text("target"),
    }),
  );
}

function tellOtherKeys(fields: Fields): void {
  const build = fields.value("build");
  if (!isMapping(build)) return;
  for (const key of build.keys()) {
    if (READ.has(key) || key.startsWith("x-")) continue;
    const at = fields.at.to("build").to(key);
    const instead = HARMLESS.get(key);
    if (instead !== undefined) at.note("ignored_key", `Skep does not use ${key}: ${instead}`);
    else at.refuse("unsupported_build_key", refusalOf(key));
  }
}

function refusalOf(key: string): string {
  const name = JSON.stringify(key);
  return `Skep builds without ${name}: ${INSTEAD.get(key) ?? "leave it out; context, dockerfile, args and target are known."}`;
}

/** An argument without a value takes that of the variable of its name. */
function readArgs(build: Fields, lookup: Lookup): StackBuild["args"] {
  const pairs = pairsOf(build.value("args"));
  if (pairs === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(pairs).map(([name, value]) => [
      name,
      value ?? lookup(name) ?? refuseUnset(name, build.at.to("args").to(name)),
    ]),
  );
}

function refuseUnset(name: string, at: At): string {
  const message = `the argument ${name} has no value, and there is no variable of its name: give it one, or leave it out.`;
  at.refuse("variable_unset", message);
  return "";
}
