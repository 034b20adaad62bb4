import type { Failure } from "../../deployment.ts";
import { toSkepError } from "../../errors.ts";
import { SKEP_LABELS } from "../../swarm-objects.ts";
import { diagnose } from "../rollout/diagnose.ts";
import { desiredSpec, serviceNameOf } from "../desired.ts";
import { judge, judgeRollback, type JudgeRequest, type RolloutFailed } from "../rollout/judge.ts";
import { PHASE_OF, type Step, type StepResult } from "../machine.ts";
import { startHistory, type RolloutObservation } from "../rollout/history.ts";
import { rolloutLimits } from "../rollout/limits.ts";
import type { Run } from "../run.ts";
import type { ServiceSpec } from "../../swarm-objects.ts";
import { readApplied } from "./apply.ts";
import { createNudge } from "./nudge.ts";

/** How often the Swarm is looked at while tasks start; a look costs the engine about a millisecond. */
const ROLL_OUT_POLL_MS = 50;
const PROVE_POLL_MS = 250;
const EVIDENCE_LINES = 20;
const EVIDENCE_ATTEMPTS = 3;

/** Waits until all wanted tasks run the requested spec. */
export async function rollOut(run: Run): Promise<StepResult> {
  followOutput(run);
  return watch(run, "roll_out", ["running", "proved"], ROLL_OUT_POLL_MS);
}

/** Waits until the tasks have stayed healthy for their window and Swarm's own update is over. */
export async function prove(run: Run): Promise<StepResult> {
  return watch(run, "prove", ["proved"], PROVE_POLL_MS);
}

async function watch(
  run: Run,
  step: Step,
  until: readonly string[],
  pollMs: number,
): Promise<StepResult> {
  let told = "";
  const nudge = createNudge(run);
  for (;;) {
    const observation = await observe(run);
    const { verdict, history } = judge(request(run, observation));
    run.setHistory(history);
    if (verdict.text !== told) run.say(verdict.text);
    told = verdict.text;
    if (verdict.kind === "failed") {
      return { kind: "failed", failure: await explain(run, step, verdict, desiredSpec(run, null)) };
    }
    if (until.includes(verdict.kind)) return { kind: "done", note: verdict.text };
    await nudge(observation);
    await run.deps.clock.sleep(pollMs, run.signal);
  }
}

/** Waits until what ran before runs again on all its tasks. */
export async function watchRestore(run: Run): Promise<StepResult> {
  const applied = readApplied(run);
  const deploymentId = applied?.previous?.Labels[SKEP_LABELS.deployment] ?? null;
  let history = startHistory(run.journalEntry("restore")?.at ?? run.deps.clock.now());
  const nudge = createNudge(run);
  for (;;) {
    const observation = await observe(run);
    const judged = judgeRollback({ ...request(run, observation), deploymentId, history });
    history = judged.history;
    if (judged.verdict.kind === "restored") {
      run.say("the previous release runs again");
      return { kind: "done", note: "previous release runs again" };
    }
    if (judged.verdict.kind === "failed") {
      const sent = applied?.previous ?? desiredSpec(run, null);
      const failure = await explain(run, "watch_restore", judged.verdict, sent);
      return { kind: "failed", failure };
    }
    await nudge(observation);
    await run.deps.clock.sleep(ROLL_OUT_POLL_MS, run.signal);
  }
}

async function observe(run: Run): Promise<RolloutObservation> {
  const name = serviceNameOf(run);
  const { swarm, clock } = run.deps;
  const [service, tasks] = await Promise.all([swarm.service(name), swarm.tasks(name)]);
  run.noteProgress();
  return { now: clock.now(), service, tasks };
}

function request(run: Run, observation: RolloutObservation): JudgeRequest {
  const { id } = run.deployment();
  const { service } = observation;
  const applied = run.journalEntry("apply");
  // When nothing had to be sent, the service still names the deployment that last changed it.
  const deploymentId = applied ? id : (service?.spec.Labels[SKEP_LABELS.deployment] ?? null);
  const { pendingMs, rolloutMs, proveMs } = run.deps.limits;
  const base = { pendingMs, rolloutMs, proveMs };
  return {
    deploymentId,
    observation,
    history: run.history() ?? startHistory(applied?.at ?? observation.now),
    limits: service ? rolloutLimits(service.spec, base) : { ...base, ...NO_SERVICE_LIMITS },
  };
}

const NO_SERVICE_LIMITS = { startingMs: 0, windowMs: 0, failuresPerSlot: 1 };

async function explain(
  run: Run,
  step: Step,
  verdict: RolloutFailed,
  // Not the live spec: Swarm may have gone back to another one already.
  service: ServiceSpec,
): Promise<Failure> {
  const { swarm } = run.deps;
  const { task, code, text } = verdict;
  const [lines, healthOutput] = task
    ? await Promise.all([
        orNothing(run, () => swarm.taskLines(task, EVIDENCE_LINES)),
        orNothing(run, () => swarm.healthOutput(task)),
      ])
    : [[], []];
  return diagnose({
    failedTask: task,
    lines: lines.map((line) => line.text),
    healthOutput,
    service,
    phase: PHASE_OF[step],
    verdict: { code, text },
  });
}

/** Tries to read evidence for a moment: a verdict does not wait for it, and is not lost with it. */
async function orNothing<T>(run: Run, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (let attempt = 1; attempt <= EVIDENCE_ATTEMPTS; attempt++) {
    try {
      return await read();
    } catch (thrown) {
      run.say(`reading what a task wrote: ${toSkepError(thrown).message}`, "error");
      await run.deps.clock.sleep(1_000, run.signal);
    }
  }
  return [];
}

/** Copies what the service writes into the deployment's log for as long as the run lasts. */
function followOutput(run: Run): void {
  const { swarm, logs } = run.deps;
  run.beside("following the service's output", (signal) =>
    swarm.follow(
      serviceNameOf(run),
      ({ at, text, stream, taskId }) => {
        const { id, phase } = run.deployment();
        const level = stream === "stderr" ? "error" : "info";
        logs.append(id, [{ at, phase, stream: "service", source: taskId, level, text }]);
      },
      signal,
    ),
  );
}
