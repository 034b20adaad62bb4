import { parseArgs } from "node:util";
import { createCleanup } from "../sandbox/cleanup.ts";
import { BENCHES, isBenchName, type BenchName } from "./benches.ts";
import type { Measure } from "./measure.ts";
import { renderTable } from "./table.ts";

const HELP = `npm run bench -- [options]: measures Skep against the same work with nothing around it

  --only <name>   one bench: ${Object.keys(BENCHES).join(", ")}
  --runs <n>      samples of each measure, 7 or more (7)
  --json          the samples as JSON instead of a table
  --help          this text

It starts a private Docker Engine, a local GitHub, Redis and Skep, and leaves nothing behind.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      runs: { type: "string", default: "7" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 7) throw new Error("--runs is a whole number, 7 or more");
  return bench({ names: chosen(values.only), runs, isJson: values.json === true });
}

function chosen(only: string | undefined): readonly BenchName[] {
  if (only === undefined) return Object.keys(BENCHES).filter(isBenchName);
  if (!isBenchName(only)) throw new Error(`there is no bench ${JSON.stringify(only)}`);
  return [only];
}

async function bench(wish: {
  readonly names: readonly BenchName[];
  readonly runs: number;
  readonly isJson: boolean;
}): Promise<number> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  });
  const measures: Measure[] = [];
  for (const name of wish.names) {
    tell(`bench ${name}`);
    const cleanup = createCleanup((part, error) => console.error(`taking down ${part}:`, error));
    try {
      const run = BENCHES[name]({ runs: wish.runs, cleanup, tell });
      measures.push(...(await Promise.race([run, interrupted])));
    } finally {
      await cleanup.run();
    }
  }
  console.log(wish.isJson ? JSON.stringify(measures, null, 2) : renderTable(measures));
  return measures.every(({ isMet }) => isMet) ? 0 : 1;
}

/** Progress goes beside the result, which may be piped on. */
function tell(text: string): void {
  console.error(text);
}

try {
  process.exitCode = await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`${message}\nnpm run bench -- --help shows the options`);
  process.exitCode = 2;
}
