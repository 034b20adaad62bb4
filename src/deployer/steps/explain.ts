import type { Failure } from "../../deployment.ts";
import { toSkepError } from "../../errors.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { PHASE_OF, type Step } from "../machine.ts";
import { diagnose } from "../rollout/diagnose.ts";
import type { StackFailed } from "../rollout/judge-stack.ts";
import type { Run } from "../run.ts";

const EVIDENCE_LINES = 20;
const EVIDENCE_ATTEMPTS = 3;

/** The cause of a roll-out that failed, with the lines that show it. `sent` is the spec that was to run. */
export async function explain(
  run: Run,
  step: Step,
  verdict: StackFailed,
  sent: ServiceSpec,
): Promise<Failure> {
  const { swarm } = run.deps;
  const { task, code, text } = verdict;
  const [lines, healthOutput] = task
    ? await Promise.all([
        orNull(run, () => swarm.taskLines(task, EVIDENCE_LINES)),
        orNull(run, () => swarm.healthOutput(task)),
      ])
    : [[], []];
  const cluster = await orNull(run, () => swarm.survey());
  return diagnose({
    failedTask: task,
    lines: lines?.map((line) => line.text) ?? [],
    isUnread: lines === null,
    healthOutput: healthOutput ?? [],
    service: sent,
    ...labelOf(run, verdict),
    ...(cluster && { services: cluster.services, nodes: cluster.nodes }),
    phase: PHASE_OF[step],
    verdict: { code, text },
  });
}

/** Which service it is, where there are several; and whether it was so before. */
function labelOf(
  run: Run,
  { service, isUnchanged }: StackFailed,
): { readonly isUnchanged: boolean; readonly label?: string } {
  const { services } = run.release().stack;
  const label = services.find(({ spec }) => spec.Name === service)?.key ?? service;
  return services.length > 1 ? { isUnchanged, label } : { isUnchanged };
}

/** Tries to read evidence for a moment: a verdict does not wait for it, and is not lost with it. */
async function orNull<T>(run: Run, read: () => Promise<T>): Promise<T | null> {
  for (let attempt = 1; attempt <= EVIDENCE_ATTEMPTS; attempt++) {
    try {
      return await read();
    } catch (thrown) {
      run.say(`reading what a task wrote: ${toSkepError(thrown).message}`, "error");
      await run.deps.clock.sleep(1_000, run.signal);
    }
  }
  return null;
}
