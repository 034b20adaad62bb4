import { describe, expect, test } from "vitest";
import { sharedDocker } from "../support/engine.ts";
import { runCrashCase, type AfterCrash, type CrashCase } from "../support/crash.ts";
import { quickService, stackFile, stackFiles, type StackParts } from "../support/stack-files.ts";
import { identityOf, lookAtStack, removeStack, type SeenService } from "../support/stack-look.ts";

const POINTS = ["before", "during", "after"] as const;
const DEADLINE = 300_000;
/** Changed by each round, one after the other. */
const CHANGED = ["db", "api", "web"];
/** Each round takes one of these away. */
const REMOVED = ["old1", "old2", "old3"];

type Services = Readonly<Record<string, SeenService>>;

/** Ends before its first health check, so that it never counts as running. Paused, so that Skep goes back. */
const BREAKS = {
  command: ["sh", "-c", "exit 1"],
  healthcheck: { test: ["CMD", "true"], interval: "10s", timeout: "5s", retries: 3 },
  deploy: { update_config: { monitor: "500ms", failure_action: "pause" } },
};

function shop(version: string, about: { readonly without: number; readonly isBroken?: boolean }) {
  const after = (key: string): readonly string[] =>
    CHANGED.slice(0, CHANGED.indexOf(key)).slice(-1);
  const changed = CHANGED.map((key): [string, StackParts] => {
    const parts = about.isBroken === true && key === "web" ? BREAKS : {};
    const environment = { VERSION: version };
    return [key, quickService({ environment, depends_on: after(key), ...parts })];
  });
  const kept = ["still", ...REMOVED.slice(about.without)];
  return {
    services: Object.fromEntries([
      ...changed,
      ...kept.map((key): [string, StackParts] => [key, quickService()]),
    ]),
  };
}

function stackOf(name: string): string {
  return `${name}-production`;
}

/** Which deployment the stack says that it runs. */
async function markOf(name: string): Promise<string | undefined> {
  const { Spec } = await sharedDocker()
    .getConfig(`${stackOf(name)}_release`)
    .inspect();
  return Spec?.Labels?.["skep.deployment"];
}

/** The tasks that ever were of a version. */
function tasksOf(service: SeenService | undefined, version: string): readonly string[] {
  const own = service?.tasks.filter(({ env }) => env.includes(`VERSION=${version}`)) ?? [];
  return own.map(({ state }) => state);
}

async function expectGoneOn(after: AfterCrash, before: Services): Promise<Services> {
  const { app, sha, deploymentId, previousId, round } = after;
  const [run, ...others] = app.checkRuns(sha);
  expect(run?.conclusion, run?.summary ?? "").toBe("success");
  expect(others).toEqual([]);
  await app.untilState(sha, "success");
  expect(app.deployments(sha)).toHaveLength(1);
  const services = await lookAtStack(stackOf(app.name));
  expect(Object.keys(services).toSorted()).toEqual(
    [...CHANGED, "still", ...REMOVED.slice(round)].toSorted(),
  );
  for (const key of CHANGED) {
    // A second update, even an equal one, would have put this deployment's own spec in the place of the previous one.
    expect(services[key], key).toMatchObject({
      deployment: deploymentId,
      previousDeployment: previousId,
    });
    expect(tasksOf(services[key], `round${round}`), key).toEqual(["running"]);
  }
  for (const key of ["still", ...REMOVED.slice(round)]) {
    expect(identityOf(services[key]), key).toEqual(identityOf(before[key]));
  }
  expect(await markOf(app.name)).toBe(deploymentId);
  return services;
}

async function expectGoneBack(after: AfterCrash, before: Services): Promise<Services> {
  const { app, sha, deploymentId, previousId, round } = after;
  await app.untilState(sha, "failure");
  const [run, ...others] = app.checkRuns(sha);
  expect(run?.title, run?.summary ?? "").toMatch(/^Rolled back: web: the process/);
  expect(others).toEqual([]);
  expect(app.deployments(sha)).toHaveLength(1);
  const services = await lookAtStack(stackOf(app.name));
  expect(Object.keys(services).toSorted()).toEqual(Object.keys(before).toSorted());
  for (const key of CHANGED) {
    expect(services[key], key).toMatchObject({
      deployment: previousId,
      previousDeployment: deploymentId,
    });
    const running = services[key]?.tasks.filter(({ isWanted }) => isWanted) ?? [];
    expect(
      running.map(({ env }) => env),
      key,
    ).toEqual([["VERSION=base"]]);
  }
  // The way back was gone once as well.
  for (const key of ["db", "api"]) {
    expect(tasksOf(services[key], `round${round}`), key).toHaveLength(1);
    const earlier = before[key]?.tasks.map(({ id }) => id) ?? [];
    const made = services[key]?.tasks.filter(({ id }) => !earlier.includes(id)) ?? [];
    expect(
      made.map(({ env }) => env.join()),
      key,
    ).toEqual([`VERSION=round${round}`, "VERSION=base"]);
  }
  for (const key of ["still", ...REMOVED]) {
    expect(identityOf(services[key]), key).toEqual(identityOf(before[key]));
  }
  expect(await markOf(app.name)).toBe(previousId);
  return services;
}

/** Kills Skep before, during and after an effect, each in a round of its own. */
async function runStackCase(
  effect: string,
  how: {
    readonly isBroken: boolean;
    readonly verify: (after: AfterCrash, before: Services) => Promise<Services>;
  },
): Promise<void> {
  // No name may begin with another: a test removes all services of its own.
  const name = `stack-crash-${effect.replace(/^apply-/u, "").replaceAll(" ", "-")}`;
  let before: Services = {};
  const about: CrashCase = {
    fault: POINTS.map((point) => `${effect}:${point}`),
    name,
    base: stackFiles(shop("base", { without: 0 })),
    prepare: async () => void (before = await lookAtStack(stackOf(name))),
    change: (round) => stackFile(shop(`round${round}`, { without: round, isBroken: how.isBroken })),
    verify: async (after) => void (before = await how.verify(after, before)),
  };
  try {
    await runCrashCase(about);
  } finally {
    await removeStack(stackOf(name));
  }
}

describe.concurrent("Skep killed while it deploys a stack goes on, and does nothing twice", () => {
  for (const effect of ["apply", "apply-service api", "prune", "mark"]) {
    test(
      `before, during and after ${effect}`,
      () => runStackCase(effect, { isBroken: false, verify: expectGoneOn }),
      DEADLINE,
    );
  }

  test(
    "before, during and after restore of the version before",
    () => runStackCase("restore", { isBroken: true, verify: expectGoneBack }),
    DEADLINE,
  );
});
