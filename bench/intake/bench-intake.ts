import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { startLocalGitHub } from "../../sandbox/github/local-github.ts";
import { webhookExamples } from "../../test/support/webhook-examples.ts";
import { makeFolder, startBenchEngine, skepSettings } from "../bench-world.ts";
import { atLeast, atMostAlone, told, type BenchOptions, type Measure } from "../measure.ts";
import { percentile } from "../statistics.ts";
import { startChild, type Child } from "./child.ts";
import type { LoadOrder, LoadReport } from "./load.ts";
import { readPort, type ReceiverSettings } from "./receiver.ts";

const LEAST = 0.5;
const LONGEST_MS = 50;
const CONNECTIONS = 64;
const BURST_SECONDS = 2;
const RATE = 200;
const RATE_SECONDS = 4;
const LINES_PER_SECOND = 20_000;

const report = z.object({ perSecond: z.number(), latenciesMs: z.array(z.number()) });
const counted = z.object({ appended: z.number(), stored: z.number() });

/** Everything that takes part, started. */
interface Scene {
  readonly skep: Child;
  readonly load: Child;
  readonly order: Omit<LoadOrder, "port" | "rate" | "seconds">;
  readonly ports: { readonly skep: number; readonly intake: number; readonly floor: number };
  /** Waits until Skep has decided all that it has taken. */
  untilDecided(): Promise<void>;
}

/**
 * How many webhooks a second the intake takes until each is durably stored, against a server that only checks, parses
 * and appends; how many with the whole of Skep deciding them meanwhile; and how long they take at a steady rate while
 * a build logs in the same process.
 */
export async function benchIntake(options: BenchOptions): Promise<readonly Measure[]> {
  const { runs, tell } = options;
  const scene = await startScene(options);
  const fast = { rate: null, seconds: BURST_SECONDS };
  for (const port of Object.values(scene.ports)) await send(scene, { ...fast, port });
  const perSecond = { ours: new Array<number>(), floor: new Array<number>() };
  const p99 = { ours: new Array<number>(), floor: new Array<number>() };
  const deciding: number[] = [];
  const steady: number[] = [];
  for (let run = 0; run < runs; run++) {
    await scene.untilDecided();
    const floor = await send(scene, { ...fast, port: scene.ports.floor });
    const ours = await send(scene, { ...fast, port: scene.ports.intake });
    const whole = await send(scene, { ...fast, port: scene.ports.skep });
    await scene.untilDecided();
    const flooded = await sendWhileBuilding(scene);
    perSecond.floor.push(floor.perSecond);
    perSecond.ours.push(ours.perSecond);
    p99.floor.push(percentile(floor.latenciesMs, 0.99));
    p99.ours.push(percentile(ours.latenciesMs, 0.99));
    deciding.push(whole.perSecond);
    steady.push(percentile(flooded.latenciesMs, 0.99));
    tell(
      `  ${run + 1}/${runs}: ${ours.perSecond.toFixed(0)}/s against ${floor.perSecond.toFixed(0)}/s, p99 beside a build ${steady.at(-1)?.toFixed(1)} ms`,
    );
  }
  const base = { bench: "intake" } as const;
  const beside = `p99 at ${RATE}/s beside ${LINES_PER_SECOND} log lines/s`;
  return [
    atLeast(
      { ...base, unit: "requests/s", name: "taken until durably stored", ...perSecond },
      LEAST,
    ),
    told({ ...base, unit: "ms", name: `p99 of these, ${CONNECTIONS} at a time`, ...p99 }),
    told({
      ...base,
      unit: "requests/s",
      name: "taken while all of Skep decides them",
      ours: deciding,
      floor: perSecond.floor,
    }),
    atMostAlone({ ...base, unit: "ms", name: beside, ours: steady }, LONGEST_MS),
  ];
}

async function startScene({ cleanup }: BenchOptions): Promise<Scene> {
  const dir = await makeFolder(cleanup);
  const engine = await startBenchEngine(cleanup, dir);
  const github = await startLocalGitHub({ directory: join(dir, "github"), validate: false });
  cleanup.add("GitHub", () => github.close());
  const secret = github.app.webhookSecret;
  const settings = await skepSettings({ dir, engine, github });
  const skep = await startChild(cleanup, {
    url: new URL("skep-server.ts", import.meta.url),
    args: [],
    env: settings,
    logFile: join(dir, "skep.log"),
  });
  cleanup.add("Skep", () => skep.end({ kind: "end" }));
  const floor = await startReceiver(cleanup, "floor-server", { secret, path: join(dir, "floor") });
  const intake = await startReceiver(cleanup, "intake-server", {
    secret,
    path: join(dir, "intake"),
  });
  const load = await startChild(cleanup, {
    url: new URL("load.ts", import.meta.url),
    args: [],
    env: {},
    logFile: join(dir, "load.out"),
  });
  return {
    skep,
    load,
    order: { secret, event: "check_run", body: checkRunBody(), connections: CONNECTIONS },
    ports: {
      skep: Number(settings["PORT"]),
      intake: readPort(intake.ready),
      floor: readPort(floor.ready),
    },
    untilDecided: () => untilDecided(join(dir, "skep", "store.db")),
  };
}

async function startReceiver(
  cleanup: BenchOptions["cleanup"],
  name: string,
  settings: ReceiverSettings,
): Promise<Child> {
  return startChild(cleanup, {
    url: new URL(`${name}.ts`, import.meta.url),
    args: [JSON.stringify(settings)],
    env: {},
    logFile: `${settings.path}.out`,
  });
}

/** What an App that knows check runs gets most of: news of another App's, which leads to nothing. */
function checkRunBody(): string {
  const found = webhookExamples().find(
    ({ event, payload }) => event === "check_run" && payload["action"] === "created",
  );
  if (found === undefined) throw new Error("GitHub's examples hold no check_run.created");
  return JSON.stringify(found.payload);
}

async function send(
  { load, order }: Scene,
  wish: Pick<LoadOrder, "port" | "rate" | "seconds">,
): Promise<LoadReport> {
  return report.parse(await load.ask({ ...order, ...wish }, "report"));
}

async function sendWhileBuilding(scene: Scene): Promise<LoadReport> {
  const { skep, ports } = scene;
  const before = counted.parse(await skep.ask({ kind: "count" }, "counted"));
  await skep.ask({ kind: "flood", linesPerSecond: LINES_PER_SECOND }, "flooding");
  const taken = await send(scene, { port: ports.skep, rate: RATE, seconds: RATE_SECONDS });
  const after = counted.parse(await skep.ask({ kind: "count" }, "counted"));
  const lines = after.stored - before.stored;
  if (lines < LINES_PER_SECOND * RATE_SECONDS * 0.95)
    throw new Error(`logging beside the intake: only ${lines} lines were stored`);
  return taken;
}

/** Reads the store from outside, so that asking costs Skep nothing. */
async function untilDecided(file: string): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const open = database.prepare("SELECT count(*) AS n FROM deliveries WHERE decided_at IS NULL");
    while (Number(open.get()?.["n"]) > 0) await delay(100);
  } finally {
    database.close();
  }
}
