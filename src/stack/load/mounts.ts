import type { StackMount } from "../model.ts";
import { defined, fieldsOf, type Fields } from "./fields.ts";
import { bindSource } from "./folder.ts";
import type { At } from "./report.ts";
import { hasOneLetterName, parseShortVolume, unknownOptions } from "./short-volume.ts";
import type { Lookup } from "./template.ts";
import type { Value } from "./value.ts";

/** The service's mounts in order, short ones written out, sources of bind mounts made absolute. */
export function readMounts(
  fields: Fields,
  place: { readonly folder: string; readonly lookup: Lookup; readonly asCli: boolean },
): readonly StackMount[] | undefined {
  return fields
    .each("volumes", (value, at) => readMount(value, at, place.asCli))
    ?.map((mount, index) => {
      if (mount.type !== "bind") return mount;
      if (mount.source === undefined || mount.source === "") {
        const at = fields.at.to("volumes").to(index);
        at.refuse("bind_without_source", NO_SOURCE);
        return mount;
      }
      return { ...mount, source: bindSource(mount.source, place.folder, place.lookup) };
    });
}

const ONE_LETTER =
  "this mounts the volume with the name of one letter: to docker stack deploy it would be a drive.";
const NO_SOURCE = 'invalid mount config for type "bind": field Source must not be empty. Say one.';

function readMount(value: Value, at: At, asCli: boolean): StackMount {
  if (typeof value === "string") {
    const isOneLetter = !asCli && hasOneLetterName(value);
    if (isOneLetter) at.note("one_letter_volume", ONE_LETTER);
    const mount = parseShortVolume(value, { drives: !isOneLetter });
    const unknown = asCli ? [] : unknownOptions(value, { drives: !isOneLetter });
    for (const option of unknown) {
      at.note("ignored_key", `a Swarm has no such option: leave ${JSON.stringify(option)} out.`);
    }
    if (typeof mount !== "string") return mount;
    at.refuse("bad_volume", `${mount} in ${JSON.stringify(value)}: write SOURCE:TARGET.`);
    return { type: "volume", target: value };
  }
  const fields = fieldsOf(value, at);
  return defined<StackMount>({
    type: fields.text("type") ?? "",
    source: fields.text("source"),
    target: fields.text("target") ?? "",
    readOnly: fields.flag("read_only"),
    consistency: fields.text("consistency"),
    bind: fields.inside("bind", (bind) => defined({ propagation: bind.text("propagation") })),
    volume: fields.inside("volume", (volume) =>
      defined({ noCopy: volume.flag("nocopy"), subpath: volume.text("subpath") }),
    ),
    tmpfs: fields.inside("tmpfs", (tmpfs) => defined({ sizeBytes: tmpfs.whole("size") })),
  });
}
