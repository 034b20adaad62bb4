import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { pack } from "tar-stream";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { createBareDocker, type BareDocker, type BareService } from "../bare-docker.ts";
import { makeFolder, startBenchEngine } from "../bench-world.ts";
import { atMost, told, type BenchOptions, type Measure } from "../measure.ts";
import { createDockerCli, type DockerCli } from "./docker-cli.ts";
import { createStackRunner, type StackRunner, type StepTimes } from "./stack-runner.ts";
import { CHANGED, deployedStack, IMAGES, SERVICES } from "./stack-text.ts";

/** The stack that the command line deploys, and the service that the bare API updates. */
const CLI_STACK = "cli";
const BARE_SERVICE = "bare";
/** Of what takes the command line half a minute. */
const SLOW_RUNS = 3;
/** By then what runs has been running for long: for Skep's window of 5 s, with 5 s for clocks that differ. */
const LONG_MS = 11_000;

/** Who deploys the same stack on the same engine. */
interface Contestants {
  readonly skep: StackRunner;
  readonly cli: DockerCli;
  readonly bare: BareDocker;
}

/** What one contestant took, run by run, in milliseconds. */
type Samples = number[];

/**
 * A stack of five services: deployed again with nothing changed, and with one image changed, from the plan until it is
 * proved, against `docker stack deploy` of the same file and the bare API.
 */
export async function benchStacks(options: BenchOptions): Promise<readonly Measure[]> {
  const { cleanup, tell } = options;
  const dir = await makeFolder(cleanup);
  const { socketPath } = await startBenchEngine(cleanup, dir);
  const bare = createBareDocker(socketPath);
  for (const image of IMAGES) await bare.build(await contextOf(image), image);
  const skep = await createStackRunner(cleanup, { dir, socketPath });
  const cli = await createDockerCli(dir, socketPath);
  const contestants = { skep, cli, bare };
  tell("  deploying for the first time");
  await cli.deploy(CLI_STACK, deployedStack(IMAGES[0]), { isDetached: true });
  await skep.deploy(deployedStack(IMAGES[0]));
  await bare.create(copyOf((await bare.service(skep.serviceName(CHANGED))).Spec));
  for (const name of servicesOf(contestants)) await bare.untilSettled(name, 1);
  return [
    ...(await benchUnchanged(options, contestants)),
    ...(await benchChanged(options, contestants)),
  ];
}

async function benchUnchanged(
  { runs, tell }: BenchOptions,
  { skep, cli, bare }: Contestants,
): Promise<readonly Measure[]> {
  const text = deployedStack(IMAGES[0]);
  const name = skep.serviceName(CHANGED);
  const { Version } = await bare.service(name);
  const proved: Samples = [];
  const whole: Samples = [];
  const detached: Samples = [];
  const waiting: Samples = [];
  await delay(LONG_MS);
  await skep.deploy(text);
  for (let run = 0; run < runs; run++) {
    detached.push(await cli.deploy(CLI_STACK, text, { isDetached: true }));
    const times = await skep.deploy(text);
    proved.push(fromPlan(times, "prove"));
    whole.push(between(times, "source", "mark"));
    tell(
      `  unchanged ${run + 1}/${runs}: ${describe(times)} against ${detached.at(-1)?.toFixed(0)} ms`,
    );
  }
  if ((await bare.service(name)).Version.Index !== Version.Index)
    throw new Error(`deploying what is unchanged: ${name} was written`);
  for (let run = 0; run < SLOW_RUNS; run++) {
    waiting.push(await cli.deploy(CLI_STACK, text, { isDetached: false }));
    tell(`  unchanged, until the command line has waited: ${waiting.at(-1)?.toFixed(0)} ms`);
  }
  const base = { bench: "stacks", unit: "ms", ours: proved } as const;
  const what = `${SERVICES} services unchanged, plan → proved`;
  return [
    atMost(
      { ...base, name: `${what}, against stack deploy --detach=true`, floor: detached },
      factor(0.5),
    ),
    atMost({ ...base, name: `${what}, against --detach=false`, floor: waiting }, factor(0.01)),
    told({
      ...base,
      name: "the same with reading the commit and marking the release",
      ours: whole,
      floor: detached,
    }),
  ];
}

async function benchChanged(
  { runs, tell }: BenchOptions,
  contestants: Contestants,
): Promise<readonly Measure[]> {
  const { skep, cli, bare } = contestants;
  const name = skep.serviceName(CHANGED);
  const running = { ours: new Array<number>(), floor: new Array<number>() };
  const proved: Samples = [];
  const waiting: Samples = [];
  for (let run = 0; run < runs; run++) {
    const image = IMAGES[(run + 1) % 2] ?? IMAGES[0];
    await bare.untilSettled(BARE_SERVICE, 1);
    running.floor.push(await updateBare(bare, image));
    await bare.untilSettled(BARE_SERVICE, 1);
    await bare.untilSettled(name, 1);
    const before = await bare.taskIds(name);
    const isRunning = bare.untilRunning(name, before, 1).then(() => performance.now());
    const times = await skep.deploy(deployedStack(image));
    running.ours.push((await isRunning) - startOf(times, "plan"));
    proved.push(fromPlan(times, "prove"));
    tell(
      `  changed ${run + 1}/${runs}: running after ${running.ours[run]?.toFixed(0)} ms against ${running.floor[run]?.toFixed(0)} ms; ${describe(times)}`,
    );
  }
  for (let run = 0; run < SLOW_RUNS; run++) {
    await bare.untilSettled(`${CLI_STACK}_${CHANGED}`, 1);
    const text = deployedStack(IMAGES[(run + 1) % 2] ?? IMAGES[0]);
    waiting.push(await cli.deploy(CLI_STACK, text, { isDetached: false }));
    tell(`  changed, until the command line has waited: ${waiting.at(-1)?.toFixed(0)} ms`);
  }
  const base = { bench: "stacks", unit: "ms" } as const;
  return [
    atMost(
      {
        ...base,
        name: "one image changed, plan → new tasks run, against the bare API",
        ...running,
      },
      factor(1.1),
    ),
    atMost(
      {
        ...base,
        name: "one image changed, plan → proved, against --detach=false",
        ours: proved,
        floor: waiting,
      },
      factor(0.5),
    ),
  ];
}

function factor(times: number): { readonly factor: number; readonly allowance: number } {
  return { factor: times, allowance: 0 };
}

/** Updates the service whose settings are Skep's by the bare API; returns how long until its new task runs. */
async function updateBare(bare: BareDocker, image: string): Promise<number> {
  const before = await bare.taskIds(BARE_SERVICE);
  const startedAt = performance.now();
  await bare.update(await bare.service(BARE_SERVICE), image);
  await bare.untilRunning(BARE_SERVICE, before, 1);
  return performance.now() - startedAt;
}

/** The very spec that Skep wrote, under another name and in no stack. */
function copyOf(spec: BareService["Spec"]): BareService["Spec"] {
  return { ...spec, Name: BARE_SERVICE, Labels: {} };
}

function servicesOf({ skep }: Contestants): readonly string[] {
  const keys = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  const stacks = keys.flatMap((key) => [skep.serviceName(key), `${CLI_STACK}_${key}`]);
  return [...stacks, BARE_SERVICE];
}

function startOf(times: StepTimes, step: "source" | "plan"): number {
  return times.get(step)?.startedAt ?? Number.NaN;
}

function between(times: StepTimes, first: "source" | "plan", last: "prove" | "mark"): number {
  return (times.get(last)?.endedAt ?? Number.NaN) - startOf(times, first);
}

function fromPlan(times: StepTimes, last: "prove" | "mark"): number {
  return between(times, "plan", last);
}

function describe(times: StepTimes): string {
  const steps = [...times].map(
    ([step, { startedAt, endedAt }]) => `${step} ${(endedAt - startedAt).toFixed(0)}`,
  );
  return steps.join(", ");
}

async function contextOf(image: string): Promise<Buffer> {
  const tar = pack();
  const text = `FROM ${BUSYBOX_IMAGE}\nENV IMAGE=${image}\nSTOPSIGNAL SIGKILL\nCMD ["sleep", "100000"]\n`;
  tar.entry({ name: "Dockerfile" }, text);
  tar.finalize();
  return buffer(tar);
}
