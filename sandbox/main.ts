import { parseArgs } from "node:util";
import { bringUp } from "./bring-up.ts";
import { createCleanup, type Cleanup } from "./cleanup.ts";
import { deployFirstCommit, pushOnce } from "./once.ts";
import { toPlainText } from "./plain-text.ts";
import { findSample, type Sample } from "./samples.ts";
import { describeNextSteps } from "./terminal.ts";

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const HELP = `script/sandbox: the whole of Skep on this machine, without a GitHub account

  script/sandbox                  brings everything up and stays up until Ctrl-C
  script/sandbox --once           brings everything up, does one git push, waits until it is proved, prints
                                  what each phase took and the app's new answer, takes everything down
  script/sandbox --sample stack   the same with a stack of five services; hello, one small service, if not given
  script/sandbox --help           this text

It starts a private Docker Engine, a local GitHub, Skep and a sample repository, and leaves nothing behind.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean" },
      sample: { type: "string", default: "hello" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const sample = findSample(values.sample);
  const startedAt = Date.now();
  const tell = (text: string): void => console.log(text);
  const step = (text: string): void => {
    console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);
  };
  const cleanup = createCleanup((name, error) => console.error(`taking down ${name}:`, error));
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => interrupt.abort(new Error("interrupted")));
  const { signal } = interrupt;
  const isOnce = values.once === true;
  const code = await work(isOnce, { sample, cleanup, tell, step, signal }).catch(
    (error: unknown) => {
      if (signal.aborted) return INTERRUPTED;
      const message = error instanceof Error ? error.message : String(error);
      console.error(`\nthe sandbox failed: ${message}`);
      return 1;
    },
  );
  step("taking everything down");
  await cleanup.run();
  step("done: nothing is left");
  return code;
}

async function work(
  isOnce: boolean,
  use: {
    readonly sample: Sample;
    readonly cleanup: Cleanup;
    readonly tell: (text: string) => void;
    readonly step: (text: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { cleanup, step, signal } = use;
  const sandbox = await bringUp({ sample: use.sample, cleanup, tell: step, signal });
  const interrupted = rejectOnAbort(signal);
  if (isOnce) {
    step("deploying the first commit of the sample app, then pushing a change");
    await Promise.race([pushOnce(sandbox, use.tell), interrupted]);
    return 0;
  }
  step("deploying the first commit of the sample app");
  await Promise.race([deployFirstCommit(sandbox), interrupted]);
  const nextSteps = describeNextSteps(sandbox);
  sandbox.github.setNotice(nextSteps);
  use.tell(`\n${toPlainText(nextSteps)}\n`);
  const ended = sandbox.skep.exited.then(({ code, signal: killer }) => {
    const how = killer ?? `exit code ${code}`;
    throw new Error(`Skep ended (${how}); the end of its log:\n${sandbox.skep.lastLines()}`);
  });
  return Promise.race([interrupted, ended]);
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    if (signal.aborted) reject(signal.reason as Error);
  });
}

let code: number;
try {
  code = await main();
} catch (error) {
  console.error(
    `${error instanceof Error ? error.message : String(error)}\nscript/sandbox --help shows the options`,
  );
  code = 2;
}
// Whatever still waits for something that was just taken down does not matter any more.
process.exit(code);
