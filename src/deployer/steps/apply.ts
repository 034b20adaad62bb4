import { toSkepError } from "../../errors.ts";
import { withFaults } from "../../faults.ts";
import type { JournalEntry } from "../../store/ports.ts";
import { appliedBy, isGivenUp, joinApplied, readApplied, type Applied } from "../applied.ts";
import { planOnce } from "../desired.ts";
import { failureFromError } from "../failure.ts";
import type { StepResult } from "../machine.ts";
import type { PlannedFile, PlannedService, StackPlan } from "../plan/stack-plan.ts";
import { waves } from "../plan/waves.ts";
import { startHistory } from "../rollout/history.ts";
import type { Run } from "../run.ts";
import { awaitServices, type Awaited } from "./await-services.ts";
import { readFileData } from "./file-data.ts";
import { makeFolders } from "./make-folders.ts";

/**
 * Carries a plan out: what holds a port that is wanted goes first, then networks, configs and secrets, then services,
 * each after those that it depends on. What the Swarm has already is not sent again, so that an interrupted `apply` goes
 * on where it was. Services that are to go for good stay until the new release is proved.
 */
export async function applyStack(run: Run): Promise<StepResult> {
  const plan = await planOnce(run);
  const begun = run.journalEntry("apply");
  const applied = joinApplied(readApplied(run), appliedBy(plan));
  if (begun === null && isEmpty(plan)) {
    return { kind: "done", note: "nothing to change", skipped: true };
  }
  let isTouched = begun !== null;
  try {
    const stopped = await run.effect("apply", applied, () =>
      send(run, { plan, applied, begun }, () => (isTouched = true)),
    );
    return stopped ?? { kind: "done", note: null };
  } catch (thrown) {
    const error = toSkepError(thrown);
    if (run.signal.aborted || error.retryable) throw thrown;
    const failure = failureFromError(error, "deploy");
    return { kind: "failed", failure, isInDoubt: isTouched };
  }
}

function isEmpty({ networks, files, services, removals }: StackPlan): boolean {
  const changes = [...networks, ...files, ...services].filter(({ kind }) => kind !== "keep");
  return changes.length === 0 && removals.length === 0;
}

interface Work {
  readonly plan: StackPlan;
  readonly applied: Applied;
  /** The entry of an earlier attempt; null on the first one. */
  readonly begun: JournalEntry | null;
}

/** Sends what is not there yet; a result ends the step early. */
async function send(run: Run, work: Work, onSent: () => void): Promise<StepResult | null> {
  const { swarm } = run.deps;
  const { plan } = work;
  for (const { live, isFirst } of plan.removals) {
    if (!isFirst) continue;
    await swarm.removeService(live.spec.Name);
    onSent();
  }
  for (const { kind, spec } of plan.networks) {
    if (kind !== "create") continue;
    await swarm.createNetwork(spec);
    onSent();
  }
  await sendFiles(run, plan.files, onSent);
  await makeFolders(run, plan);
  for (const wave of waves(plan.services)) {
    const waited = await awaitServices(run, awaitedBy(wave, work));
    if (waited !== null) return { ...waited, isInDoubt: true };
    for (const service of wave) await sendService(run, service, work, onSent);
  }
  return null;
}

async function sendFiles(
  run: Run,
  files: readonly PlannedFile[],
  onSent: () => void,
): Promise<void> {
  const { swarm } = run.deps;
  const data = await readFileData(
    run,
    files.flatMap(({ kind, file }) => (kind === "create" ? [file] : [])),
  );
  for (const { kind, fileKind, spec, file } of files) {
    if (kind === "keep") continue;
    if (kind === "label") await swarm.labelFile(fileKind, spec.Name, spec.Labels);
    else {
      const bytes = data.get(file.path ?? "");
      const Data = bytes && Buffer.from(bytes).toString("base64");
      await swarm.createFile(fileKind, { ...spec, ...(Data !== undefined && { Data }) });
    }
    onSent();
  }
}

/** What those of a wave depend on and this deployment changes: the others run already. */
function awaitedBy(wave: readonly PlannedService[], { plan, applied }: Work): readonly Awaited[] {
  const names = new Map(plan.services.map(({ key, spec }) => [key, spec.Name]));
  const awaited = wave.flatMap(({ dependsOn }) =>
    dependsOn.flatMap(({ key, condition }): Awaited[] => {
      const name = names.get(key) ?? "";
      return Object.hasOwn(applied.services, name) ? [{ name, condition }] : [];
    }),
  );
  return [...new Map(awaited.map((each) => [`${each.name} ${each.condition}`, each])).values()];
}

async function sendService(
  run: Run,
  service: PlannedService,
  { applied, begun }: Work,
  onSent: () => void,
): Promise<void> {
  const { kind, key, spec, live } = service;
  if (kind === "keep") return;
  const { clock, faults } = run.deps;
  const change = applied.services[spec.Name];
  if (begun !== null && live !== null && change && isGivenUp(live, change, begun)) return;
  // Its time counts from here: those that it waited for may have taken long.
  run.setHistory({ ...run.history(), [spec.Name]: startHistory(clock.now()) });
  const moment = (): Promise<void> => clock.sleep(5);
  await withFaults(faults, `apply-service ${key}`, moment, () => write(run, service, onSent));
  onSent();
}

async function write(run: Run, service: PlannedService, onSent: () => void): Promise<void> {
  const { swarm } = run.deps;
  const { kind, spec, live } = service;
  if (live === null) await swarm.createService(spec);
  else if (kind === "update") await swarm.updateService(live, spec);
  else {
    await swarm.removeService(spec.Name);
    onSent();
    await swarm.createService(spec);
  }
}
