import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isFinal, laneOf, type Deployment, type Hold } from "../../src/deployment.ts";
import type { Claim, Decision, NewDeployment } from "../../src/store/ports.ts";
import { openSqliteStore, type SqliteStore } from "../../src/store/sqlite-store.ts";
import { decision, delivery, plannedDeployment, REPOSITORY } from "../support/records.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let dir: TempDir;
let store: SqliteStore;

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

/** What may happen in a lane, as the decision lane and the runs of deployments make it happen. */
const event = fc.oneof(
  fc.record({ kind: fc.constant("push" as const), isOvertaken: fc.boolean() }),
  fc.constant({ kind: "roll back" as const }),
  fc.constant({ kind: "resume" as const }),
  fc.constant({ kind: "claim" as const }),
  fc.record({ kind: fc.constantFrom("deploy" as const, "refuse" as const, "lift" as const) }),
  fc.record({ kind: fc.constant("cancel" as const), back: fc.nat(3) }),
  fc.record({
    kind: fc.constant("finish" as const),
    state: fc.constantFrom("succeeded", "failed", "refused", "cancelled", "superseded"),
  }),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

const FINISH: Event = { kind: "finish", state: "succeeded" };

/** One lane of its own, with whoever writes to it. */
function createLane(environment: string) {
  const key = { repositoryId: REPOSITORY.id, app: "shop", environment };
  const lane = laneOf(key.repositoryId, key.app, environment);
  let count = 0;
  let claim: Claim | null = null;

  const hold = async (): Promise<Hold | null> =>
    (await store.catalog.environment(key))?.hold ?? null;
  const all = () => store.deployments.list({ lane, limit: 1_000 });
  const nextId = () => `${environment}_${String(++count).padStart(3, "0")}`;

  async function decide(overrides: Partial<Decision>, made: Partial<NewDeployment> | null) {
    const id = nextId();
    const planned = plannedDeployment({ id, lane, environment, ...made });
    await store.inbox.insert(delivery({ guid: id }));
    await store.inbox.decide([decision(id, made ? [planned] : [], { decided: [], ...overrides })]);
  }

  async function finish(state: "succeeded" | "failed" | "refused" | "cancelled" | "superseded") {
    if (!claim) return;
    const change = { patch: { state }, reason: "-", at: 1, desiredReleaseId: null };
    await store.deployments.finish(claim.lease, change);
    claim = null;
  }

  async function push(isOvertaken: boolean): Promise<void> {
    const waitingFor = await hold();
    if (isOvertaken) await finish("refused");
    await decide({}, { state: waitingFor ? "waiting" : "queued", waitingFor });
  }

  async function rollBack(): Promise<void> {
    const deploymentId = `${environment}_${String(count + 1).padStart(3, "0")}`;
    const set = { deploymentId, by: "ana", version: "v1", since: 1 };
    await decide({ holds: [{ environment: key, hold: set }] }, { kind: "rollback" });
  }

  async function happen(what: Event): Promise<void> {
    const deployments = await all();
    switch (what.kind) {
      case "push":
        return await push(what.isOvertaken);
      case "roll back":
        return await rollBack();
      case "deploy":
        return await decide({ holds: [{ environment: key, hold: null }] }, {});
      case "resume": {
        const released = deployments.filter(({ state }) => state === "waiting");
        const ids = released.map(({ id }) => id);
        return await decide({ holds: [{ environment: key, hold: null }], released: ids }, null);
      }
      case "lift":
        return await decide({ holds: [{ environment: key, hold: null }] }, null);
      case "refuse":
        return await decide({}, { state: "refused" });
      case "cancel": {
        const deploymentId = deployments[what.back]?.id ?? "nobody";
        return await decide({ cancelled: [{ deploymentId, by: "bo" }] }, null);
      }
      case "claim": {
        const request = { lane, owner: "one", now: 1_000, leaseMs: 1_000_000 };
        claim ??= await store.deployments.claim(request);
        return;
      }
      case "finish":
        await finish(what.state);
    }
  }
  return { happen, hold, all };
}

/** What must hold of a lane at any time. */
function examine(deployments: readonly Deployment[], hold: Hold | null): void {
  const of = (state: Deployment["state"]) => deployments.filter((one) => one.state === state);
  const [waiting, queued] = [of("waiting"), of("queued")];
  expect(waiting.length).toBeLessThanOrEqual(1);
  expect(queued.length).toBeLessThanOrEqual(1);
  expect(of("running").length).toBeLessThanOrEqual(1);
  for (const one of waiting) {
    expect(one.waitingFor).toEqual(hold);
    expect(hold).not.toBeNull();
    expect(one.number).toBeGreaterThan(queued[0]?.number ?? 0);
  }
  for (const one of deployments) {
    if (one.state !== "waiting") expect(one.waitingFor).toBeNull();
    if (one.supersededBy === null) continue;
    const by = deployments.find(({ id }) => id === one.supersededBy);
    expect(by?.number).toBeGreaterThan(one.number);
  }
  const holder = deployments.find(({ id }) => id === hold?.deploymentId);
  if (holder) expect(["refused", "cancelled", "superseded"]).not.toContain(holder.state);
}

it("keeps at most one waiting, one queued and one running, and leaves none behind", async () => {
  let lanes = 0;
  const property = fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
    const lane = createLane(`env${++lanes}`);
    // One commit for all: nothing here is about the disk.
    await store.together(async () => {
      const toTheEnd: Event[] = [{ kind: "resume" }, FINISH, { kind: "claim" }, FINISH];
      for (const what of [...events, ...toTheEnd]) {
        await lane.happen(what);
        examine(await lane.all(), await lane.hold());
      }
    });
    const left = (await lane.all()).filter(({ state }) => !isFinal(state));
    expect(left).toEqual([]);
  });
  await fc.assert(property, { numRuns: 250 });
});
