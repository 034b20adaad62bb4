import { parseArgs } from "node:util";
import { bringUp } from "./bring-up.ts";
import { createCleanup } from "./cleanup.ts";
import { deployFirstCommit, pushOnce } from "./once.ts";
import { toPlainText } from "./plain-text.ts";
import { describeNextSteps } from "./terminal.ts";

const HELP = `script/sandbox: the whole of Skep on this machine, without a GitHub account

  script/sandbox          brings everything up and stays up until Ctrl-C
  script/sandbox --once   brings everything up, does one git push, waits until it is proved, prints what
                          each phase took and the app's new answer, takes everything down
  script/sandbox --help   this text

It starts a private Docker Engine, a local GitHub, Skep and a sample repository, and leaves nothing behind.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const startedAt = Date.now();
  const tell = (text: string): void => console.log(text);
  const step = (text: string): void => {
    console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);
  };
  const cleanup = createCleanup((name, error) => console.error(`taking down ${name}:`, error));
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => resolve(130));
  });
  const working = work(values.once === true, { cleanup, tell, step, interrupted });
  const code = await Promise.race([working, interrupted]).catch((error: unknown) => {
    console.error(
      `\nthe sandbox failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    return 1;
  });
  step("taking everything down");
  await cleanup.run();
  step("done: nothing is left");
  return code;
}

async function work(
  isOnce: boolean,
  use: {
    readonly cleanup: ReturnType<typeof createCleanup>;
    readonly tell: (text: string) => void;
    readonly step: (text: string) => void;
    readonly interrupted: Promise<number>;
  },
): Promise<number> {
  const sandbox = await bringUp(use.cleanup, use.step);
  if (isOnce) {
    use.step("deploying the first commit of the sample app, then pushing a change");
    await pushOnce(sandbox, use.tell);
    return 0;
  }
  use.step("deploying the first commit of the sample app");
  await deployFirstCommit(sandbox);
  const nextSteps = describeNextSteps(sandbox);
  sandbox.github.setNotice(nextSteps);
  use.tell(`\n${toPlainText(nextSteps)}\n`);
  const ended = sandbox.skep.exited.then(({ code, signal }) => {
    throw new Error(
      `Skep ended (${signal ?? `exit code ${code}`}); its log was ${sandbox.dir}/skep.log`,
    );
  });
  return Promise.race([use.interrupted, ended]);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(
    `${error instanceof Error ? error.message : String(error)}\nscript/sandbox --help shows the options`,
  );
  process.exitCode = 2;
}
