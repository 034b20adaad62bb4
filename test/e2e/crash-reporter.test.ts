import { describe, expect, test } from "vitest";
import { expectDeployedOnce, runCrashCase, type AfterCrash } from "../support/crash.ts";
import { webDockerfile, webFiles } from "../support/web-files.ts";
import { waitUntil } from "../support/wait-until.ts";

const POINTS = ["before", "during", "after"] as const;
const DEADLINE = 300_000;
const MISTAKES = 70;

/** Short names for the effects, to make repositories' names of. */
const NAMES: Readonly<Record<string, string>> = {
  create_check_run: "check",
  create_deployment: "deployment",
  create_status: "status",
  update_check_run: "edit",
};

/** A config of many mistakes: more than GitHub takes in one request. */
function mistakenConfig(round: number): string {
  const lines = Array.from({ length: MISTAKES }, (_, index) => `  mistake_${index}_${round}: 1\n`);
  return `service:\n  build: .\n${lines.join("")}`;
}

async function expectAllMistakes({ app, sha }: AfterCrash): Promise<void> {
  const runs = app.checkRuns(sha);
  await waitUntil("all mistakes are shown", () => runs[0]?.annotations.length === MISTAKES);
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(["failure"]);
  const lines = runs[0]?.annotations.map(({ start_line }) => start_line) ?? [];
  expect(lines).toEqual(Array.from({ length: MISTAKES }, (_, index) => index + 3));
  expect(app.deployments(sha)).toEqual([]);
}

describe.concurrent("Skep killed while it reports tells GitHub all, and once", () => {
  for (const effect of Object.keys(NAMES)) {
    for (const point of POINTS) {
      test(
        `${point} ${effect}`,
        () =>
          runCrashCase({
            fault: `${effect}:${point}`,
            name: `crash-${NAMES[effect] ?? effect}-${point}`,
            base: webFiles("base"),
            change: (round) => ({ Dockerfile: webDockerfile(`round ${round}`) }),
            verify: expectDeployedOnce,
          }),
        DEADLINE,
      );
    }
  }

  for (const point of POINTS) {
    test(
      `${point} append_annotations`,
      () =>
        runCrashCase({
          fault: `append_annotations:${point}`,
          name: `crash-annotations-${point}`,
          base: null,
          change: (round) => ({
            Dockerfile: webDockerfile("x"),
            ".github/skep.yml": mistakenConfig(round),
          }),
          verify: expectAllMistakes,
        }),
      DEADLINE,
    );
  }
});
