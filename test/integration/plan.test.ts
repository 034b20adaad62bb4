import { relative } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createTreeReader } from "../../src/cli/tree-reader.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { createDockerodeSwarm } from "../../src/deployer/docker/dockerode-swarm.ts";
import { planStack } from "../../src/deployer/plan/plan-stack.ts";
import type { StackPlan } from "../../src/deployer/plan/stack-plan.ts";
import type { Swarm } from "../../src/deployer/ports.ts";
import type { ReleaseStack } from "../../src/release.ts";
import { draftStack, type DraftResult } from "../../src/stack/draft.ts";
import { readCases, RULE_CASES, type StackCase } from "../stack/cases.ts";
import { accepted, draftOf } from "../stack/draft-case.ts";
import { carryOut } from "../support/carry-out.ts";
import { sharedEngine } from "../support/engine.ts";
import { makeExternals, removeStack, withoutTasks } from "../support/settled-stack.ts";
import { STACK_CHANGES } from "./stack-changes.ts";

const STACK = "settled";
const SERVER_KEY = new Uint8Array(32);

/** What Skep refuses on purpose though the CLI takes it: there is nothing to plan. */
const REFUSED: Readonly<Record<string, string>> = {
  "env-interp-empty-unset": "a variable that is not set and has no default",
  "int-all": "a variable that is not set and has no default",
  "int-required-hyphen": "a required variable that is not set",
  "vol-dot": "a folder of the repository, which is on no node",
  "vol-long": "a folder of the repository, which is on no node",
};

const CASES = readCases(RULE_CASES).filter(({ refusal }) => refusal === null);

/** The case as Skep reads it from a repository whose root is the cases' folder. */
function draftCase({ folder, request }: StackCase): DraftResult {
  return draftStack({
    stackName: STACK,
    files: request.files.map(({ path, text }) => ({ path: relative(folder, path), text })),
    appPath: ".",
    readFile: request.readFile,
    variables: request.variables,
    serverKey: SERVER_KEY,
    defaultNetwork: "own",
  });
}

describe("a plan on a real Swarm", () => {
  const swarm = createDockerodeSwarm(createDockerClient(`unix://${sharedEngine().socketPath}`));
  let external: ReleaseStack["external"] = { networks: [], configs: [], secrets: [] };
  afterEach(async () => await removeStack(STACK, external));

  /** Carries out what is planned for the release, and plans again. */
  async function settle(
    release: ReleaseStack,
    readFile: (path: string) => Uint8Array | null,
  ): Promise<{ readonly before: StackPlan; readonly after: StackPlan }> {
    const before = await plan(swarm, release, "dep_1");
    await carryOut(swarm, before, readFile);
    return { before, after: await plan(swarm, release, "dep_2") };
  }

  it.each(CASES.filter(({ name }) => !Object.hasOwn(REFUSED, name)))(
    "is empty once $name is carried out",
    async (stack) => {
      const { draft } = accepted(draftCase(stack));
      ({ external } = draft);
      await makeExternals(external);
      const readFile = createTreeReader(stack.folder, null);

      const { before, after } = await settle(withoutTasks(draft), readFile);
      expect(kindsOf(before)).toEqual(["create"]);
      expect(notKept(after)).toEqual([]);

      const versions = await untilAllocated(swarm);
      await carryOut(swarm, after, readFile);
      expect(await versionsOf(swarm)).toEqual(versions);
    },
  );

  it.each(Object.entries(REFUSED))("has nothing of %s: %s", (name) => {
    const stack = CASES.find((each) => each.name === name);
    expect(stack && draftCase(stack).ok).toBe(false);
  });

  it.each(STACK_CHANGES)("is empty once a change is carried out: $name", async (change) => {
    external = { networks: [], configs: [], secrets: [] };
    const contents = { "./f.txt": "first" };
    const readFirst = (path: string): Uint8Array | null => readText(path, contents);
    const first = accepted(draftOf(change.first, { stackName: STACK, contents })).draft;
    const { after: kept } = await settle(withoutTasks(first), readFirst);
    expect(notKept(kept)).toEqual([]);

    const changed = { "./f.txt": "second" };
    const readSecond = (path: string): Uint8Array | null => readText(path, changed);
    const second = accepted(draftOf(change.second, { stackName: STACK, contents: changed })).draft;
    const { before, after } = await settle(withoutTasks(second), readSecond);
    expect(before.services.map(({ kind }) => kind)).toContain(change.kind ?? "update");
    expect(notKept(after)).toEqual([]);
  });
});

async function plan(swarm: Swarm, release: ReleaseStack, deploymentId: string): Promise<StackPlan> {
  const made = { owner: "1/shop/production", deploymentId, releaseId: `rel_of_${deploymentId}` };
  const live = await swarm.survey();
  return planStack({ stackName: STACK, ...made, release, live, serverKey: SERVER_KEY });
}

function kindsOf({ operations }: StackPlan): readonly string[] {
  return [...new Set(operations.map(({ kind }) => kind))];
}

function notKept({ operations, networks, files, services, removals }: StackPlan): unknown[] {
  const planned = [...networks, ...files, ...services].filter(({ kind }) => kind !== "keep");
  const told = operations.filter(({ kind, changes }) => kind !== "keep" || changes.length > 0);
  return [...told, ...planned, ...removals];
}

/** The file at a path of the release, which starts at the repository's root. */
function readText(path: string, contents: Readonly<Record<string, string>>): Uint8Array | null {
  const text = contents[path.replace("deploy/", "./")];
  return text === undefined ? null : new TextEncoder().encode(text);
}

async function versionsOf(swarm: Swarm): Promise<Readonly<Record<string, number>>> {
  const { services } = await swarm.stack(STACK);
  return Object.fromEntries(services.map(({ spec, version }) => [spec.Name, version]));
}

/** Swarm itself writes a service again once it has allocated what it needs; the versions after that. */
async function untilAllocated(swarm: Swarm): Promise<Readonly<Record<string, number>>> {
  for (;;) {
    const before = JSON.stringify(await versionsOf(swarm));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = await versionsOf(swarm);
    if (JSON.stringify(after) === before) return after;
  }
}
