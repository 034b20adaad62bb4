import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRun, type Run } from "../../src/deployer/run.ts";
import type { Claim, JournalEntry } from "../../src/store/ports.ts";
import { settle } from "../support/pass-time.ts";
import { plannedDeployment } from "../support/records.ts";
import { openRunWorld, type RunWorld } from "../support/run-world.ts";

let world: RunWorld;
let claim: Claim;
let aborting: AbortController;
let cancelling: AbortController;
let ended: AbortController;
let looks: string[];

beforeEach(async () => {
  world = await openRunWorld();
  await world.accept("dep_1", "service:\n  image: good:1\n");
  claim = await claimIt("me");
  aborting = new AbortController();
  cancelling = new AbortController();
  ended = new AbortController();
  looks = [];
});
afterEach(async () => world.cleanUp());

async function claimIt(owner: string): Promise<Claim> {
  const { lane } = plannedDeployment();
  const request = { lane, owner, now: world.clock.now(), leaseMs: 1_000 };
  const found = await world.store.deployments.claim(request);
  if (!found) throw new Error("nothing to claim");
  return found;
}

const journal = (): Promise<readonly JournalEntry[]> => world.store.deployments.journal("dep_1");

async function open(): Promise<Run> {
  const { deployment, lease } = claim;
  return createRun(world.deps(), {
    deployment,
    lease,
    journal: await journal(),
    release: null,
    stopped: aborting.signal,
    ended: ended.signal,
    cancel: { signal: cancelling.signal, look: async () => void looks.push(deployment.id) },
  });
}

describe("an effect", () => {
  it("is journalled before it happens, and again when it has", async () => {
    const run = await open();
    const seen: unknown[] = [];
    const result = await run.effect("apply", { version: 3 }, async () => {
      seen.push(await journal(), run.journalEntry("apply"));
      world.clock.advance(500);
      return "result";
    });
    expect(result).toBe("result");
    const begun = { step: "apply", state: "about_to", data: { version: 3 } };
    expect(seen).toMatchObject([[begun], begun]);
    expect(await journal()).toMatchObject([{ ...begun, state: "done", at: world.clock.now() }]);
  });

  it("stays in doubt when it throws, for the next run to look it up", async () => {
    const run = await open();
    const hangUp = (): Promise<never> => Promise.reject(new Error("hung up"));
    await expect(run.effect("apply", { version: 3 }, hangUp)).rejects.toThrow("hung up");
    expect((await open()).journalEntry("apply")).toMatchObject({ state: "about_to" });
    await run.found("apply", { version: 3 });
    expect((await open()).journalEntry("apply")).toMatchObject({ state: "done" });
  });

  it("does not begin once the process stops, or without its lease", async () => {
    let acts = 0;
    const act = async (): Promise<void> => void (acts += 1);
    const run = await open();
    world.clock.advance(1_001);
    await claimIt("another");
    await expect(run.effect("apply", {}, act)).rejects.toMatchObject({ code: "lease_lost" });
    aborting.abort(new Error("shutting down"));
    await expect(run.effect("apply", {}, act)).rejects.toThrow("shutting down");
    expect(acts).toBe(0);
    expect(await journal()).toEqual([]);
  });
});

describe("a wish to cancel", () => {
  it("is looked for, and cuts short, in the steps that it may end", async () => {
    const run = await open();
    await run.begin("plan");
    expect(looks).toEqual(["dep_1"]);
    cancelling.abort(new Error("cancelled by ana"));
    expect(run.signal.aborted).toBe(true);
    expect(run.stopped.aborted).toBe(false);
    await expect(run.effect("apply", {}, async () => undefined)).rejects.toThrow("by ana");
    expect(await journal()).toEqual([]);
  });

  it("leaves the others and what goes on beside alone, which end with the process", async () => {
    const run = await open();
    let beside: AbortSignal | null = null;
    run.beside("following", async (signal) => void (beside = signal));
    await run.begin("restore");
    cancelling.abort(new Error("cancelled by ana"));
    expect(looks).toEqual([]);
    expect(run.signal.aborted).toBe(false);
    await run.effect("restore", {}, async () => undefined);
    expect(beside).toMatchObject({ aborted: false });
    aborting.abort(new Error("shutting down"));
    expect(run.signal.aborted).toBe(true);
    expect(beside).toMatchObject({ aborted: true });
  });
});

describe("a run", () => {
  it("knows its record as it was written last", async () => {
    const run = await open();
    await run.patch({ phase: "build" }, "build");
    expect(run.deployment()).toMatchObject({ phase: "build", recordVersion: 3 });
    expect(run.deployment()).toEqual(await world.store.deployments.get("dep_1"));
  });

  it("has no release before it is written", async () => {
    const run = await open();
    expect(() => run.release()).toThrow("it has no release yet");
  });

  it("counts trouble from the last progress on", async () => {
    const run = await open();
    const begin = world.clock.now();
    world.clock.advance(70);
    expect(run.progressAt()).toBe(begin);
    run.noteProgress();
    expect(run.progressAt()).toBe(begin + 70);
  });

  it("keeps going beside it what it began, once, until it is over", async () => {
    const run = await open();
    let starts = 0;
    let reason: unknown = null;
    const work = (signal: AbortSignal): Promise<void> => {
      starts += 1;
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(new Error("cut short"));
        });
      });
    };
    run.beside("following", work);
    run.beside("following", work);
    ended.abort(new Error("over"));
    await settle();
    expect(starts).toBe(1);
    expect(reason).toMatchObject({ message: "over" });
    expect(world.lines).toEqual([]);
  });

  it("tells when what went on beside it breaks off, and goes on", async () => {
    const run = await open();
    run.beside("following", () => Promise.reject(new Error("the engine hung up")));
    await settle();
    expect(world.lines).toEqual(["following: the engine hung up"]);
  });
});
