import { afterEach, beforeEach, expect, it } from "vitest";
import { sweep } from "../../src/lanes/sweeper.ts";
import type { Store } from "../../src/store/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite-store.ts";
import { settle } from "../support/pass-time.ts";
import { createRecordedLog, type RecordedLog } from "../support/recorded-log.ts";
import { decision, delivery, plannedDeployment } from "../support/records.ts";
import { createSimulatedClock, type SimulatedClock } from "../support/simulated-clock.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const EVERY_MS = 5_000;
const LANE = plannedDeployment().lane;

let dir: TempDir;
let store: Store;
let clock: SimulatedClock;
let log: RecordedLog;
let woken: string[];
let closing: AbortController;

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  clock = createSimulatedClock();
  log = createRecordedLog();
  woken = [];
  closing = new AbortController();
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

function startSweep(of: Store = store): Promise<void> {
  return sweep({
    store: of,
    clock,
    log,
    everyMs: EVERY_MS,
    wakeDecision: (repositoryId) => void woken.push(`decision ${repositoryId}`),
    wakeDeployment: (lane) => void woken.push(`deployment ${lane}`),
    signal: closing.signal,
  });
}

/** What is found in the next look. */
async function look(): Promise<readonly string[]> {
  woken = [];
  clock.advance(EVERY_MS);
  await settle();
  return woken;
}

it("finds what waits, at the start and in every look, and nothing that somebody works on", async () => {
  await store.inbox.insert(delivery({ guid: "none", repositoryId: null }));
  await store.inbox.insert(delivery({ guid: "push" }));
  const sweeping = startSweep();
  await settle();
  expect(woken.toSorted()).toEqual(["decision 7", "decision null"]);
  await store.inbox.decide([decision("push", [plannedDeployment()])]);
  await store.inbox.decide([{ ...decision("none", []), decided: [] }]);
  expect(await look()).toEqual([`deployment ${LANE}`]);
  const leaseMs = 2 * EVERY_MS;
  await store.deployments.claim({ lane: LANE, owner: "me", now: clock.now(), leaseMs });
  expect(await look()).toEqual([]);
  expect(await look()).toEqual([`deployment ${LANE}`]);
  closing.abort();
  await sweeping;
});

it("goes on after a look that broke off, and tells of it", async () => {
  await store.inbox.insert(delivery());
  let failures = 2;
  const pending: Store["inbox"]["pending"] = () =>
    failures-- > 0 ? Promise.reject(new Error("disk")) : store.inbox.pending();
  const sweeping = startSweep({ ...store, inbox: { ...store.inbox, pending } });
  await settle();
  expect(woken).toEqual([]);
  expect(await look()).toEqual([]);
  expect(await look()).toEqual(["decision 7"]);
  expect(log.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "error sweeping",
    "error sweeping",
  ]);
  closing.abort();
  await sweeping;
});

it("ends with the process, also in the middle of trouble", async () => {
  const pending: Store["inbox"]["pending"] = () => Promise.reject(new Error("disk"));
  const sweeping = startSweep({ ...store, inbox: { ...store.inbox, pending } });
  await settle();
  closing.abort();
  await sweeping;
  expect(clock.nextAt()).toBeNull();
});
