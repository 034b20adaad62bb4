import type { Finding, Symptoms } from "./diagnose-finding.ts";

const MEBIBYTE = 1024 * 1024;
const LOG_STEP = "Read its last lines, mend what they name and push again.";

/** What the exit codes of containers mean, and what to do about each. */
const EXITS: Readonly<Record<number, readonly [meaning: string, nextStep: string]>> = {
  0: [
    "ended at once without an error; a service must keep running",
    "Run the program in the foreground (no &, no daemon mode); one-off jobs are not services.",
  ],
  126: [
    "could not run its program: not executable",
    "Make it executable in the Dockerfile (RUN chmod +x …).",
  ],
  127: [
    "could not find its program",
    "Correct command or entrypoint, or install the program in the image.",
  ],
  132: ["crashed with an illegal instruction", "Build the image for the CPU of the nodes."],
  134: ["aborted itself", LOG_STEP],
  139: [
    "crashed with a segmentation fault",
    "Look for a broken native library, or one built for another libc.",
  ],
  143: [
    "was asked to stop (SIGTERM) and did",
    "Find out who stopped the container on its node, then press Retry.",
  ],
};

/** How the task's process ended, when it ended by itself. */
export function exitFinding({ task, words, hasLines, service }: Symptoms): Finding | null {
  if (task === null || task.state === "rejected") return null;
  const code = task.exitCode ?? readExitCode(words) ?? (task.state === "complete" ? 0 : null);
  if (code === null || (code === 0 && task.state !== "complete")) return null;
  const [meaning, nextStep] =
    code === 137
      ? killed(service.TaskTemplate.Resources.Limits?.MemoryBytes)
      : (EXITS[code] ?? [failed(code), LOG_STEP]);
  const silence = hasLines ? "" : "; it wrote nothing";
  return {
    code: "task_exited",
    summary: `the process ${meaning} (exit code ${code})${silence}`,
    nextStep,
    shows: "lines",
  };
}

function readExitCode(words: string): number | null {
  const [, code] = /non-zero exit \((\d+)\)/u.exec(words) ?? [];
  return code === undefined ? null : Number(code);
}

function failed(code: number): string {
  return code === 1 ? "failed" : "ended with an error";
}

function killed(memoryBytes: number | undefined): readonly [string, string] {
  if (memoryBytes === undefined || memoryBytes === 0) {
    return [
      "was killed",
      "Look for a lack of memory on the node (dmesg), or a container that ignores SIGTERM; then press Retry.",
    ];
  }
  const limit = `${Math.round((memoryBytes / MEBIBYTE) * 10) / 10} MiB`;
  return [
    `was killed, most likely for using more than its memory limit of ${limit}`,
    "Raise deploy.resources.limits.memory, or make the program use less.",
  ];
}
