import { SKEP_LABELS, type ServiceSpec } from "../../swarm-objects.ts";
import { readApplied } from "../applied.ts";
import type { Step, StepResult } from "../machine.ts";
import { startHistory } from "../rollout/history.ts";
import { isJob } from "../../service-kinds.ts";
import {
  judgeStack,
  judgeStackRollback,
  type StackHistory,
  type StackJudgeRequest,
} from "../rollout/judge-stack.ts";
import type { Run } from "../run.ts";
import { explain } from "./explain.ts";
import { followOutput } from "./follow-output.ts";
import { createNudges } from "./nudge.ts";
import {
  createObserver,
  judgeRequest,
  limitsOf,
  observationOf,
  servicesOf,
  type StackObservation,
} from "./observe.ts";

/** How often the Swarm is looked at while tasks start; a look costs the engine about a millisecond. */
const ROLL_OUT_POLL_MS = 50;
const PROVE_POLL_MS = 250;

/** Waits until all wanted tasks run the requested specs. */
export async function rollOut(run: Run): Promise<StepResult> {
  followOutput(run);
  return watchServices(run, { step: "roll_out", names: servicesOf(run), until: "running" });
}

/** Waits until the tasks have stayed healthy for their window and Swarm's own updates are over. */
export async function prove(run: Run): Promise<StepResult> {
  return watchServices(run, { step: "prove", names: servicesOf(run), until: "proved" });
}

/** Watches some services of the stack until they come so far, or one of them fails. */
export async function watchServices(
  run: Run,
  watched: {
    readonly step: Step;
    readonly names: readonly string[];
    readonly until: "running" | "proved";
  },
): Promise<StepResult> {
  const { step, names, until } = watched;
  const pollMs = until === "proved" ? PROVE_POLL_MS : ROLL_OUT_POLL_MS;
  const nudge = createNudges(run);
  const observe = createObserver(run);
  let told = "";
  for (;;) {
    const observation = await observe();
    const request = judgeRequest(run, observation, names);
    const { verdict, histories } = judgeStack(request);
    run.setHistory({ ...run.history(), ...histories });
    if (verdict.text !== told) run.say(verdict.text);
    told = verdict.text;
    if (verdict.kind === "failed") {
      const failure = await explain(run, step, verdict, sentSpec(run, verdict.service));
      return { kind: "failed", failure };
    }
    if (verdict.kind === "proved" || verdict.kind === until) {
      return { kind: "done", note: verdict.text };
    }
    await nudge(request);
    await run.deps.clock.sleep(pollMs, run.signal);
  }
}

/** Not the live spec: Swarm may have gone back to another one already. */
function sentSpec(run: Run, name: string): ServiceSpec {
  const { services } = run.release().stack;
  const found = services.find(({ spec }) => spec.Name === name) ?? services[0];
  if (found === undefined) throw new Error(`the release has no service ${name}`);
  return found.spec;
}

/** Waits until what ran before runs again on all its tasks. */
export async function watchRestore(run: Run): Promise<StepResult> {
  const previous = previousSpecs(run);
  const startedAt = run.journalEntry("restore")?.at ?? run.deps.clock.now();
  let histories: StackHistory = {};
  const nudge = createNudges(run);
  const observe = createObserver(run);
  for (;;) {
    const observation = await observe();
    const request = restoreRequest(run, { observation, previous, histories, startedAt });
    const judged = judgeStackRollback(request);
    histories = judged.histories;
    const { verdict } = judged;
    if (verdict.kind === "restored") {
      run.say("the previous release runs again");
      return { kind: "done", note: "previous release runs again" };
    }
    if (verdict.kind === "failed") {
      const sent = previous[verdict.service] ?? sentSpec(run, verdict.service);
      return { kind: "failed", failure: await explain(run, "watch_restore", verdict, sent) };
    }
    await nudge(request);
    await run.deps.clock.sleep(ROLL_OUT_POLL_MS, run.signal);
  }
}

/** By full name, what has to run again: of each service that was changed or removed, but for jobs and what never ran. */
function previousSpecs(run: Run): Readonly<Record<string, ServiceSpec>> {
  const { services = {}, removed = {} } = readApplied(run) ?? {};
  const changed = Object.entries(services).flatMap(([name, { previous }]) =>
    previous === null || isJob(previous) ? [] : [[name, previous] as const],
  );
  return { ...removed, ...Object.fromEntries(changed) };
}

function restoreRequest(
  run: Run,
  about: {
    readonly observation: StackObservation;
    readonly previous: Readonly<Record<string, ServiceSpec>>;
    readonly histories: StackHistory;
    readonly startedAt: number;
  },
): StackJudgeRequest {
  const { observation, previous, histories, startedAt } = about;
  const requests = Object.entries(previous).map(([name, spec]) => {
    const seen = observationOf(observation, name);
    const request = {
      deploymentId: spec.Labels[SKEP_LABELS.deployment] ?? null,
      observation: seen,
      history: histories[name] ?? startHistory(startedAt),
      limits: limitsOf(run, seen),
    };
    return [name, request] as const;
  });
  return { services: Object.fromEntries(requests) };
}
