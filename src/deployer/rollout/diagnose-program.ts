import type { Finding, Symptoms, WordRule } from "./diagnose-finding.ts";

/** Containers that cannot be made or started as the service describes them. */
export const PROGRAM_RULES: readonly WordRule[] = [
  {
    code: "task_exited",
    words:
      /exec: \\?"([^"\\]+)\\?": (?:executable file not found|stat .*no such file or directory)/iu,
    summary: (match) => `the image has no program ${match[1]} to start`,
    nextStep: () => "Correct command or entrypoint, or install the program in the image.",
  },
  {
    code: "task_exited",
    words: /exec: \\?"([^"\\]+)\\?": permission denied/iu,
    summary: (match) => `${match[1]} is in the image but may not be run`,
    nextStep: () => "Make it executable in the Dockerfile (RUN chmod +x …).",
  },
  {
    code: "task_exited",
    words: /exec format error/iu,
    summary: () => "the program is for another platform, or a script without its #! line",
    nextStep: () => "Build for the node's platform; start scripts with #!/bin/sh.",
  },
  {
    code: "task_rejected",
    words: /unable to find (user|group) (\S+?):/iu,
    summary: (match) => `the image has no ${match[1]} ${match[2]}`,
    nextStep: (match) =>
      `Create the ${match[1]} in the Dockerfile, or correct user (a number works without an entry).`,
  },
  {
    code: "task_rejected",
    words: /working directory '?([^']+)'? is invalid|chdir to cwd \(\\?"([^"\\]+)\\?"\)/iu,
    summary: (match) => `the working directory ${match[1] ?? match[2]} cannot be used`,
    nextStep: () => "Make working_dir an absolute path that the container's user may enter.",
  },
  {
    code: "task_rejected",
    words: /range of CPUs is from .* as there are only (\d+) CPUs available/iu,
    summary: (match, { service }) =>
      `the node has ${match[1]} CPUs, fewer than deploy.resources.limits.cpus asks for${cpusOf(service.TaskTemplate.Resources.Limits?.NanoCPUs)}`,
    nextStep: () => "Lower deploy.resources.limits.cpus, or place the service on larger nodes.",
  },
  {
    code: "task_rejected",
    words: /minimum memory limit allowed is (\S+)/iu,
    summary: (match) => `deploy.resources.limits.memory is below what Docker allows (${match[1]})`,
    nextStep: () => "Raise deploy.resources.limits.memory.",
  },
  {
    code: "task_rejected",
    words: /sysctl \\?"([^"\\]+)\\?" is not in a separate kernel namespace/iu,
    summary: (match) => `sysctl ${match[1]} cannot be set for a container`,
    nextStep: (match) => `Remove ${match[1]} from sysctls, or set it on the nodes themselves.`,
  },
  {
    code: "task_rejected",
    words: /no space left on device/iu,
    summary: () => "the node's disk is full",
    nextStep: () => "Free space on the node (docker system df), then press Retry.",
  },
];

/** Said by every layer that starts a container, and telling nothing. */
const LAYERS =
  /^(?:starting container failed|failed to create (?:shim )?task(?: for container)?|OCI runtime create failed|runc create failed|unable to start container process|error during container init): /iu;

/** A container that was made but not started, for a reason that no other rule knows. */
export function notStarted({ words }: Symptoms): Finding | null {
  if (!/^starting container failed: /iu.test(words)) return null;
  let cause = words;
  while (LAYERS.test(cause)) cause = cause.replace(LAYERS, "");
  return {
    code: "task_rejected",
    summary: `the node could not start the container: ${cause.replace(/: unknown$/u, "")}`,
    nextStep:
      "Mend what the node names in the service's definition or on the node, then push again.",
    shows: "lines",
  };
}

function cpusOf(nanoCpus: number | undefined): string {
  return nanoCpus ? ` (${nanoCpus / 1e9})` : "";
}
