import type { WordRule } from "./diagnose-finding.ts";

const PATHS = "Use absolute paths in volumes, and mount each target once.";

/** Volumes, bind mounts, configs and secrets that a container cannot get. */
export const MOUNT_RULES: readonly WordRule[] = [
  {
    code: "task_rejected",
    words: /bind source path does not exist: ?(\S+)/iu,
    summary: (match) => `the folder ${match[1]} does not exist on the node`,
    nextStep: () => "Create the folder on every node that may run the task, or use a volume.",
  },
  {
    code: "task_rejected",
    words: /mount a directory onto a file/iu,
    summary: (_, { words }) =>
      `a mount puts a file on a folder, or a folder on a file${mountOf(words)}`,
    nextStep: () =>
      "Make source and target of the mount the same kind: both files, or both folders.",
  },
  {
    code: "task_rejected",
    words:
      /error while mounting volume '[^']*?([^'/]+)\/_data': (?:failed to mount local volume: )?(.+)/iu,
    summary: (match) => `volume ${match[1]} could not be mounted: ${reasonOf(match[2] ?? "")}`,
    nextStep: () =>
      "Check the volume's driver_opts (type, o, device) and that the node reaches what they name; a volume that exists keeps its old ones.",
  },
  {
    code: "task_rejected",
    words: /plugin "?([^"\s]+)"? not found|error looking up volume plugin ([^\s:]+)/iu,
    summary: (match) => `the node does not have the driver ${match[1] ?? match[2]}`,
    nextStep: () =>
      "Install the plugin on every node that may run the task, or name another driver.",
  },
  {
    code: "task_rejected",
    words: /^create (\S+): (.+)/iu,
    summary: (match) => `volume ${match[1]} could not be created: ${match[2]}`,
    nextStep: () => "Correct the volume's driver and driver_opts.",
  },
  {
    code: "task_rejected",
    words: /VolumeDriver\.Mount: (.+)/u,
    summary: (match) => `the volume's driver could not mount it: ${match[1]}`,
    nextStep: () => "Look into the log of the volume's plugin on the node.",
  },
  {
    code: "task_rejected",
    words: /invalid mount config for type "(\w+)": (.+)/iu,
    summary: (match) => `a mount of type ${match[1]} is not valid: ${match[2]}`,
    nextStep: () => PATHS,
  },
  {
    code: "task_rejected",
    words:
      /(invalid (?:mount|bind mount|volume mount|tmpfs) (?:target|source)[^:]*.*|duplicate mount point: .*)/iu,
    summary: (match) => `a mount is not valid: ${match[1]}`,
    nextStep: () => PATHS,
  },
  {
    code: "task_rejected",
    words:
      /error mounting \\?"([^"\\]+)\\?" to rootfs at \\?"([^"\\]+)\\?".*?(permission denied|read-only file system)/iu,
    summary: (match) => `${match[1]} could not be mounted at ${match[2]}: ${match[3]}`,
    nextStep: () =>
      "Create the mount's target in the image, and check that the node may read its source.",
  },
  {
    code: "task_rejected",
    words: /(secret|config) not found: (\S+)|unable to get (secret|config) from \w+ store/iu,
    summary: (match) =>
      match[2] === undefined
        ? `a ${match[3]} that the service refers to is not there`
        : `${match[1]} ${match[2]} is not there`,
    nextStep: () => "Create it on the Swarm, or correct its name.",
  },
];

function mountOf(words: string): string {
  const [, source, target] =
    /error mounting \\?"([^"\\]+)\\?" to rootfs at \\?"([^"\\]+)/iu.exec(words) ?? [];
  return source && target ? ` (${source} at ${target})` : "";
}

/** `mount <source>:<folder of the engine>, flags: <number>: <cause>` without what only the engine knows. */
function reasonOf(words: string): string {
  const [, source, cause] = /^mount (\S+):\/\S*\/_data\b.*: ([^:]+)$/u.exec(words) ?? [];
  return source === undefined ? words : `${source}: ${cause}`;
}
