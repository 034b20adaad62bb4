import { memoryText } from "../../memory-text.ts";
import { mayComplete } from "../../service-kinds.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import type { Finding, Symptoms } from "./diagnose-finding.ts";
import { type LineHint, whatHindered, whyNotStarted } from "./last-lines.ts";

/** Shells tell a signal by its number on top of this. */
const FIRST_SIGNAL = 128;
const LAST_SIGNAL = FIRST_SIGNAL + 64;
const LOG_STEP = "Read its last lines, mend what they name and push again.";
/** There is nothing to read. */
const SILENT: LineHint = {
  said: "it wrote nothing",
  nextStep:
    "Let the program say why it ends, on its standard output or error, and push again; or try the image by hand (docker run).",
};
const UNREAD: LineHint = {
  said: "its output could not be read",
  nextStep: "Look into the log on the deployment's page, mend what it names and push again.",
};

/** What the exit codes of containers mean, and what to do about each. */
const EXITS: Readonly<Record<number, readonly [meaning: string, nextStep: string]>> = {
  126: [
    "could not run its program: not executable",
    "Make it executable in the Dockerfile (RUN chmod +x …).",
  ],
  127: [
    "could not find its program",
    "Correct command or entrypoint, or install the program in the image.",
  ],
  130: ["was interrupted (SIGINT)", LOG_STEP],
  132: ["crashed with an illegal instruction", "Build the image for the CPU of the nodes."],
  134: ["aborted itself", LOG_STEP],
  135: [
    "crashed with a bus error",
    "Look for a lack of shared memory (/dev/shm), or a broken disk.",
  ],
  136: ["crashed with an arithmetic error", LOG_STEP],
  139: [
    "crashed with a segmentation fault",
    "Look for a native library that is broken or built for another libc (musl in Alpine, glibc elsewhere).",
  ],
  143: [
    "was asked to stop (SIGTERM) and did",
    "Find out who stopped the container on its node, then press Retry.",
  ],
};

const ENDS_AT_ONCE =
  "Run the program in the foreground (no &, no daemon mode); a one-off task needs deploy.mode: replicated-job, or deploy.restart_policy.condition: none.";
const ENDS_IN_UPDATE =
  "Set deploy.update_config.failure_action: continue for a service whose tasks end, or make it a job (mode: replicated-job).";

/** How the task's process ended, when it ended by itself. */
export function exitFinding({ task, words, lines, isUnread, service }: Symptoms): Finding | null {
  if (task === null || task.state === "rejected") return null;
  const code = task.exitCode ?? readExitCode(words) ?? (task.state === "complete" ? 0 : null);
  if (code === null || (code === 0 && task.state !== "complete")) return null;
  const [meaning, nextStep] = meaningOf(code, service);
  // A code that tells its cause knows better: a shell says "Permission denied" of each program that it may not run.
  const hint =
    code === 0
      ? null
      : (whyNotStarted(lines) ?? (nextStep === LOG_STEP ? whatHindered(lines) : null));
  const silence = lines.length > 0 ? null : isUnread ? UNREAD : SILENT;
  const said = silence?.said ?? hint?.said;
  return {
    code: "task_exited",
    summary: `the process ${meaning} (exit code ${code})${said === undefined ? "" : `; ${said}`}`,
    nextStep:
      hint?.nextStep ?? (nextStep === LOG_STEP ? (silence?.nextStep ?? nextStep) : nextStep),
    shows: "lines",
  };
}

function meaningOf(code: number, service: ServiceSpec): readonly [string, string] {
  if (code === 0) {
    return mayComplete(service)
      ? [
          "completed, but Swarm takes a task that ends during an update for a failure",
          ENDS_IN_UPDATE,
        ]
      : ["ended at once without an error; a service must keep running", ENDS_AT_ONCE];
  }
  if (code === 137) return killed(service.TaskTemplate.Resources.Limits?.MemoryBytes);
  return EXITS[code] ?? [failed(code), LOG_STEP];
}

function readExitCode(words: string): number | null {
  const [, code] = /non-zero exit \((\d+)\)/u.exec(words) ?? [];
  return code === undefined ? null : Number(code);
}

function failed(code: number): string {
  if (code > FIRST_SIGNAL && code <= LAST_SIGNAL)
    return `was ended by signal ${code - FIRST_SIGNAL}`;
  return code === 1 ? "failed" : "ended with an error";
}

function killed(memoryBytes: number | undefined): readonly [string, string] {
  if (memoryBytes === undefined || memoryBytes === 0) {
    return [
      "was killed",
      "Look for a lack of memory on the node (dmesg), or a container that ignores SIGTERM; then press Retry.",
    ];
  }
  return [
    `was killed, most likely for using more than its memory limit of ${memoryText(memoryBytes)}`,
    "Raise deploy.resources.limits.memory, or make the program use less.",
  ];
}
