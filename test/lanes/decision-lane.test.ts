import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SkepError } from "../../src/errors.ts";
import { createRandomIds } from "../../src/ids.ts";
import type { Decoded, PushIntent } from "../../src/intent.ts";
import { runDecisionLane, type DecisionDeps } from "../../src/lanes/decision-lane.ts";
import type { Images, Permissions } from "../../src/policy/ports.ts";
import type { Source } from "../../src/source/ports.ts";
import type { Delivery, Store } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { passTime, settle } from "../support/pass-time.ts";
import { createRecordedLog, type RecordedLog } from "../support/recorded-log.ts";
import { delivery, pushIntent, REPOSITORY, sha } from "../support/records.ts";
import { createSimulatedClock, type SimulatedClock } from "../support/simulated-clock.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const RETRY_MS = 600_000;

let dir: TempDir;
let store: Store;
let clock: SimulatedClock;
let log: RecordedLog;
let woken: string[];
/** GUID → what its payload asks for. */
let intents: Map<string, Partial<PushIntent>>;
/** How the next calls of `source.fetch` fail. */
let failures: SkepError[];
let fetched: string[];

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  clock = createSimulatedClock();
  log = createRecordedLog();
  [woken, failures, fetched] = [[], [], []];
  intents = new Map();
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

const source: Source = {
  fetch: async (_, want) => {
    fetched.push(want.sha.slice(0, 1));
    const failure = failures.shift();
    if (failure) throw failure;
    return await Promise.resolve({ defaultBranchSha: want.sha });
  },
  resolve: () => Promise.resolve({ kind: "unknown" }),
  pullRequestHead: () => Promise.resolve(null),
  readFile: () => Promise.resolve(null),
  readBytes: () => Promise.resolve(null),
  hasChanged: () => Promise.resolve(true),
  isAncestor: () => Promise.resolve(false),
  objectId: () => Promise.resolve(sha("d")),
  context: () => Promise.reject(new Error("nothing is built here")),
};

async function decode({ guid }: Delivery): Promise<readonly Decoded[]> {
  const found = intents.get(guid);
  if (!found) return [{ kind: "ignored", code: "event_ignored", message: "it asks for nothing" }];
  const intent = pushIntent({ deliveryGuid: guid, before: sha("f"), ...found });
  return await Promise.resolve([{ kind: "intent", intent }]);
}

function decideAll(
  overrides: Partial<DecisionDeps> = {},
  repositoryId: number | null = REPOSITORY.id,
  signal = new AbortController().signal,
): Promise<void> {
  const permissions: Permissions = { roleOf: () => Promise.resolve("write") };
  const images: Images = { imageId: () => Promise.resolve(null) };
  const deps: DecisionDeps = {
    facts: { store, source, permissions, images },
    decode,
    onAnswered: () => undefined,
    wakeDeployments: async (lanes: readonly string[]) => void woken.push(...lanes),
    clock,
    ids: createRandomIds(() => clock.now()),
    log,
    retryMs: RETRY_MS,
    ...overrides,
  };
  return runDecisionLane(deps, repositoryId, signal);
}

/** Stores a delivery; without an intent it asks for nothing. */
async function receive(guid: string, intent: Partial<PushIntent> | null): Promise<void> {
  if (intent) intents.set(guid, intent);
  await store.inbox.insert(delivery({ guid }));
}

const outcomesOf = async (guid: string): Promise<readonly string[]> =>
  (await store.inbox.outcomes(guid)).map(({ outcome }) =>
    outcome.kind === "accepted" ? outcome.kind : `${outcome.kind}: ${outcome.code}`,
  );
const away = (code: "source_unavailable" | "source_not_found", retryable: boolean) =>
  new SkepError(code, "fetching: it did not work", { retryable });

describe("the decision lane", () => {
  it("decides every delivery of its repository, in order of arrival, and wakes what has work", async () => {
    await receive("z", { sha: sha("a") });
    await receive("m", null);
    await receive("a", { sha: sha("b") });
    await decideAll();
    expect(fetched).toEqual(["a", "b"]);
    expect(await outcomesOf("z")).toEqual(["accepted"]);
    expect(await outcomesOf("m")).toEqual(["ignored: event_ignored"]);
    expect(await outcomesOf("a")).toEqual(["accepted"]);
    expect(woken).toEqual(["7/shop/production", "7/shop/production"]);
    const made = await store.deployments.list({ limit: 9 });
    expect(made.map(({ sha: commit, state }) => `${commit[0]} ${state}`)).toEqual([
      "b queued",
      "a superseded",
    ]);
  });

  it("leaves other repositories alone, and takes deliveries of none", async () => {
    await store.inbox.insert(delivery({ guid: "ping", event: "ping", repositoryId: null }));
    await store.inbox.insert(delivery({ guid: "other", repositoryId: 8 }));
    await decideAll({}, null);
    expect(await outcomesOf("ping")).toEqual(["ignored: event_ignored"]);
    expect(await store.inbox.pending()).toEqual([8]);
    expect(woken).toEqual([]);
  });

  it("records a delivery that cannot be decoded, and goes on", async () => {
    await receive("bad", null);
    await receive("good", { sha: sha("a") });
    const broken: DecisionDeps["decode"] = (given) =>
      given.guid === "bad" ? Promise.reject(new Error("no JSON")) : decode(given);
    await decideAll({ decode: broken });
    expect(await outcomesOf("bad")).toEqual(["ignored: internal"]);
    expect(await outcomesOf("good")).toEqual(["accepted"]);
    expect(log.lines.map(({ message }) => message)).toContain("decoding a delivery");
  });

  it("logs no payload", async () => {
    await store.inbox.insert(delivery({ guid: "a", payload: '{"secret":"hunter2"}' }));
    await decideAll();
    expect(JSON.stringify(log.lines)).not.toContain("hunter2");
  });
});

describe("facts that cannot be had now", () => {
  it("are waited for, longer each time, and the order is kept", async () => {
    failures = Array.from({ length: 4 }, () => away("source_unavailable", true));
    await receive("first", { sha: sha("a") });
    await receive("second", { sha: sha("b") });
    const begin = clock.now();
    await passTime(clock, decideAll());
    expect(fetched).toEqual(["a", "a", "a", "a", "a", "b"]);
    expect(clock.now() - begin).toBe(500 + 1_000 + 2_000 + 4_000);
    expect(await outcomesOf("first")).toEqual(["accepted"]);
  });

  it("are given up in the end, with the reason on record, and nothing is held for decided", async () => {
    failures = Array.from({ length: 99 }, () => away("source_unavailable", true));
    await receive("first", { sha: sha("a") });
    const begin = clock.now();
    await passTime(clock, decideAll());
    expect(clock.now() - begin).toBeGreaterThanOrEqual(RETRY_MS);
    expect(clock.now() - begin).toBeLessThan(RETRY_MS + 61_000);
    expect(await outcomesOf("first")).toEqual(["refused: source_unavailable"]);
    failures = [];
    await receive("again", { sha: sha("a") });
    await decideAll();
    expect(await outcomesOf("again")).toEqual(["accepted"]);
  });

  it("are not waited for when waiting does not help, and briefly for a commit not seen yet", async () => {
    failures = [new SkepError("internal", "reading: a defect")];
    await receive("first", { sha: sha("a") });
    await decideAll();
    expect(await outcomesOf("first")).toEqual(["refused: internal"]);
    failures = Array.from({ length: 99 }, () => away("source_not_found", false));
    await receive("second", { sha: sha("b") });
    const begin = clock.now();
    await passTime(clock, decideAll());
    expect(await outcomesOf("second")).toEqual(["refused: source_not_found"]);
    expect(clock.now() - begin).toBeGreaterThanOrEqual(30_000);
    expect(clock.now() - begin).toBeLessThan(RETRY_MS);
  });

  it("are left to the next start when the process ends", async () => {
    failures = [away("source_unavailable", true)];
    await receive("first", { sha: sha("a") });
    const closing = new AbortController();
    const deciding = decideAll({}, REPOSITORY.id, closing.signal);
    await settle();
    closing.abort(new Error("shutting down"));
    await expect(deciding).rejects.toThrow("shutting down");
    expect(await store.inbox.pending()).toEqual([REPOSITORY.id]);
    await decideAll();
    expect(await outcomesOf("first")).toEqual(["accepted"]);
  });
});
