import { describe, expect, test } from "vitest";
import { expectDeployedOnce, runCrashCase, type AfterCrash } from "../support/crash.ts";
import { FROM, quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";

const POINTS = ["before", "during", "after"] as const;
const DEADLINE = 300_000;

/** A new version whose program ends at once. */
function failing(round: number): string {
  return `${FROM}CMD echo "round ${round}"; exit 1\n`;
}

/** An update that failed: the version before it runs again, by one update there and one back. */
async function expectWentBack(after: AfterCrash): Promise<void> {
  const { app, sha, deploymentId, previousId } = after;
  await app.untilState(sha, "failure");
  const [run] = app.checkRuns(sha);
  expect(run?.conclusion).toBe("failure");
  expect(run?.title).toMatch(/^Rolled back: the process failed \(exit code 1\)/);
  expect(run?.summary).toMatch(/previous version, .*, runs again/);
  expect(app.deployments(sha)).toHaveLength(1);
  const service = await app.service();
  expect(service?.Spec.Labels["skep.deployment"]).toBe(previousId);
  expect(service?.PreviousSpec?.Labels["skep.deployment"]).toBe(deploymentId);
}

/** A first version that failed: its service is gone. */
async function expectRemoved({ app, sha }: AfterCrash): Promise<void> {
  await app.untilState(sha, "failure");
  const [run] = app.checkRuns(sha);
  expect(run?.title).toMatch(/^Failed: the process failed \(exit code 1\)/);
  expect(run?.summary).toMatch(/nothing runs/);
  expect(app.deployments(sha)).toHaveLength(1);
  expect(await app.service()).toBeNull();
}

describe.concurrent("Skep killed while it deploys goes on and deploys once", () => {
  for (const effect of ["build", "apply", "mark"]) {
    for (const point of POINTS) {
      test(
        `${point} ${effect} of an update`,
        () =>
          runCrashCase({
            fault: `${effect}:${point}`,
            name: `crash-${effect}-${point}`,
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
      `${point} apply of a first version`,
      () =>
        runCrashCase({
          fault: `apply:${point}`,
          name: `crash-create-${point}`,
          base: null,
          change: (round) => webFiles(`round ${round}`),
          verify: expectDeployedOnce,
        }),
      DEADLINE,
    );
    test(
      `${point} restore of the version before`,
      () => {
        // Paused, so that Skep goes back and not Swarm.
        const deploy = "deploy: { update_config: { monitor: 500ms, failure_action: pause } }";
        return runCrashCase({
          fault: `restore:${point}`,
          name: `crash-restore-${point}`,
          base: webFiles("base", deploy),
          change: (round) => ({ Dockerfile: failing(round) }),
          verify: expectWentBack,
        });
      },
      DEADLINE,
    );
    test(
      `${point} removal of a first version that failed`,
      () =>
        runCrashCase({
          fault: `restore:${point}`,
          name: `crash-remove-${point}`,
          base: null,
          change: (round) => {
            const policy = "deploy: { restart_policy: { condition: none } }";
            return { Dockerfile: failing(round), ".github/skep.yml": quickConfig(policy) };
          },
          verify: expectRemoved,
        }),
      DEADLINE,
    );
  }
});
