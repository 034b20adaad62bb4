import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { createBareDocker, type BareDocker, type BareService } from "./bare-docker.ts";
import { contextFiles, REPLICAS } from "./bench-app.ts";
import { startBenchWorld, type BenchWorld } from "./bench-world.ts";
import { atMost, told, type BenchOptions, type Measure } from "./measure.ts";

const LIMIT = { factor: 1.15, allowance: 300 };
const FLOOR_SERVICE = "bare";
/** Two pages that are built before anything is measured. */
const BUILT = ["built, one", "built, another"] as const;

/** Skep's way from a webhook to running tasks, and the bare API's to the same. */
interface Contestants {
  readonly world: BenchWorld;
  readonly bare: BareDocker;
}

/**
 * From the webhook until all new tasks run, seen from outside on the engine, against the same work by the bare API:
 * with one changed layer, and for a commit whose tree was built before (where the bare API only asks for the image).
 */
export async function benchOverhead(options: BenchOptions): Promise<readonly Measure[]> {
  const { runs, cleanup, tell } = options;
  const world = await startBenchWorld(cleanup, { validate: false });
  const bare = createBareDocker(world.engine.socketPath);
  const contestants = { world, bare };
  await warmUp(contestants);
  const changed = { ours: new Array<number>(), floor: new Array<number>() };
  const built = { ours: new Array<number>(), floor: new Array<number>() };
  const proving: number[] = [];
  for (let run = 0; run < runs; run++) {
    const page = BUILT[run % 2] ?? BUILT[0];
    changed.floor.push(await updateBare(bare, `changed-${run}`, `bare, changed ${run}`));
    changed.ours.push((await deploy(contestants, `changed ${run}`)).runningMs);
    built.floor.push(await updateBare(bare, `built-${run % 2}`, null));
    const ours = await deploy(contestants, page);
    built.ours.push(ours.runningMs);
    proving.push(ours.provingMs);
    tell(`  ${run + 1}/${runs}: ${describe(changed, run)}, ${describe(built, run)}`);
  }
  const base = { bench: "overhead", unit: "ms" } as const;
  return [
    atMost({ ...base, name: "webhook → running, one changed layer", ...changed }, LIMIT),
    atMost({ ...base, name: "webhook → running, tree built before", ...built }, LIMIT),
    told({ ...base, name: "running → proved on GitHub", ours: proving, floor: [] }),
  ];
}

function describe(
  { ours, floor }: { readonly ours: readonly number[]; readonly floor: readonly number[] },
  run: number,
): string {
  return `${ours[run]?.toFixed(0)} ms against ${floor[run]?.toFixed(0)} ms`;
}

/** Creates both services with both built trees, so that all that is measured is an update. */
async function warmUp(contestants: Contestants): Promise<void> {
  const { world, bare } = contestants;
  for (const page of BUILT) await world.deployed(await world.push(page));
  const { Spec } = await bare.service(world.serviceName);
  for (const [index, page] of BUILT.entries())
    await bare.build(await tarOf(`bare, ${page}`), tagOf(`built-${index}`));
  await bare.create(copyOf(Spec));
  await bare.untilSettled(FLOOR_SERVICE, REPLICAS);
  await updateBare(bare, "warm", "bare, warm");
}

/** The very spec that Skep wrote, under another name and in no stack: Skep would remove it from its own. */
function copyOf(spec: BareService["Spec"]): BareService["Spec"] {
  const { TaskTemplate } = spec;
  const ContainerSpec = { ...TaskTemplate.ContainerSpec, Image: tagOf("built-0") };
  return {
    ...spec,
    Name: FLOOR_SERVICE,
    Labels: {},
    TaskTemplate: { ...TaskTemplate, ContainerSpec },
  };
}

/** Builds the page (null: the image is there) and updates the service; returns how long until its tasks run. */
async function updateBare(bare: BareDocker, name: string, page: string | null): Promise<number> {
  await bare.untilSettled(FLOOR_SERVICE, REPLICAS);
  const before = await bare.taskIds(FLOOR_SERVICE);
  const tag = tagOf(name);
  const startedAt = performance.now();
  if (page !== null) await bare.build(await tarOf(page), tag);
  else if (!(await bare.hasImage(tag))) throw new Error(`the image ${tag} is gone`);
  await bare.update(await bare.service(FLOOR_SERVICE), tag);
  await bare.untilRunning(FLOOR_SERVICE, before, REPLICAS);
  return performance.now() - startedAt;
}

/** Pushes the page and waits until it is proved; tells how long its tasks took to run, and the proof after that. */
async function deploy(
  { world, bare }: Contestants,
  page: string,
): Promise<{ readonly runningMs: number; readonly provingMs: number }> {
  await bare.untilSettled(world.serviceName, REPLICAS);
  const before = await bare.taskIds(world.serviceName);
  const sha = await world.push(page);
  await bare.untilRunning(world.serviceName, before, REPLICAS);
  const runningAt = Date.now();
  await world.deployed(sha);
  return { runningMs: runningAt - world.sentAt(sha), provingMs: Date.now() - runningAt };
}

function tagOf(name: string): string {
  return `bench/bare:${name}`;
}

async function tarOf(page: string): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(contextFiles(page))) tar.entry({ name }, content);
  tar.finalize();
  return buffer(tar);
}
