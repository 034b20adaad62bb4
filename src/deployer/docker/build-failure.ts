import { SkepError } from "../../errors.ts";
import type { BuildProgress } from "./build-progress.ts";
import { plainWords } from "./engine-failure.ts";

const NAME_WIDTH = 80;
const EVIDENCE_WIDTH = 1_000;
const EVIDENCE_LINES = 20;

/** What a failed build means. `message` is BuildKit's last word; `progress` knows which step it was. */
export function buildError(
  action: string,
  dockerfile: string,
  message: string,
  progress: BuildProgress,
): SkepError {
  const words = plainWords(message);
  if (/failed to read dockerfile/iu.test(words)) {
    return new SkepError("dockerfile_missing", `${action}: there is no ${dockerfile}`, {
      nextStep: `Add ${dockerfile} to the repository, or name another under service.build.dockerfile.`,
    });
  }
  const failure = progress.failure();
  if (failure === null) {
    return new SkepError("build_failed", `${action}: ${shortWords(words)}`, {
      evidence: evidenceOf(words),
      nextStep: "Correct the Dockerfile, then push again.",
    });
  }
  const { step, lines } = failure;
  const name = shorten(step.name);
  const cause = shortWords(step.error ?? words);
  return new SkepError("build_failed", `build step ${name}: ${cause}`, {
    evidence: lines.length > 0 ? lines : evidenceOf(words),
    nextStep: "Correct what this step prints, then push again.",
  });
}

/** The build took longer than it may. */
export function timeoutError(action: string, limitMs: number, progress: BuildProgress): SkepError {
  const { step, lines } = progress.running() ?? { step: null, lines: [] };
  const where = step === null ? "" : `: step ${shorten(step.name)} was still running`;
  const message = `${action}: it took longer than ${limitMs / 1000} s${where}`;
  return new SkepError("build_timeout", message, {
    evidence: lines,
    nextStep: "Make the build faster or raise its time limit, then push again.",
  });
}

/** BuildKit wraps the cause in the names of its parts and repeats the whole command. */
function shortWords(text: string): string {
  const exit = /exit code: (\d+)\s*$/u.exec(text)?.[1];
  if (exit !== undefined) return `it exited with code ${exit}`;
  return shorten(
    text.replace(
      /^(failed to solve(?: with frontend [\w.]+)?: |failed to create LLB definition: )+/u,
      "",
    ),
  );
}

/** What BuildKit said in full, for want of output. */
function evidenceOf(words: string): readonly string[] {
  const lines = words.split("\n").map((line) => line.slice(0, EVIDENCE_WIDTH));
  return lines.slice(-EVIDENCE_LINES);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  return line.length > NAME_WIDTH ? `${line.slice(0, NAME_WIDTH - 1)}…` : line;
}
