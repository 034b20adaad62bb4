import type { BuildDefinition } from "../../release.ts";
import { resolveBuild } from "../build-definition.ts";
import type { StackModel, StackService } from "../model.ts";
import type { Problem } from "./report.ts";

type Services = StackModel["services"];
type Tell = (problem: Problem) => void;

/**
 * What each service runs: a given image, or one to be built from a folder of the repository. `folder` is where relative
 * paths start. A service that is built has no `image` any more.
 */
export function findImages(
  services: Services,
  folder: string,
  { tell, note }: { readonly tell: Tell; readonly note: Tell },
): { readonly services: Services; readonly builds: Readonly<Record<string, BuildDefinition>> } {
  const builds: [string, BuildDefinition][] = [];
  const found = Object.entries(services).map(([name, service]): [string, StackService] => {
    const { image, build, ...rest } = service;
    if (build === undefined) {
      if (image === undefined || image === "") tell(missing(name));
      return [name, service];
    }
    const resolved = resolveBuild(build, folder);
    if (resolved.ok) builds.push([name, resolved.definition]);
    else tell(outside(name, resolved));
    if (image !== undefined && image !== "") {
      note({ code: "image_name_ignored", path: ["services", name, "image"], message: OWN_NAME });
    }
    return [name, { ...rest, build }];
  });
  return { services: Object.fromEntries(found), builds: Object.fromEntries(builds) };
}

const OWN_NAME = "Skep names what it builds itself: this name is not used. Leave it out.";

function missing(name: string): Problem {
  const message =
    "invalid image reference: no image specified. Add `image: <name>:<tag>` or `build: .`";
  return { code: "image_missing", path: ["services", name], message };
}

function outside(
  name: string,
  { key, message }: { readonly key: string; readonly message: string },
): Problem {
  return { code: "build_path", path: ["services", name, "build", key], message };
}
