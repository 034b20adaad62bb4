import { STACK_LABELS } from "../../swarm-objects.ts";
import type { RolloutHistory } from "./history.ts";
import { judge, judgeRollback } from "./judge.ts";
import type { JudgeRequest, RollbackVerdict, RolloutFailed, RolloutVerdict } from "./verdict.ts";

/** What earlier observations taught, by the service's full name. Plain data. */
export type StackHistory = Readonly<Record<string, RolloutHistory>>;

/** What a verdict about a stack rests on: the services that shall run, by full name. */
export interface StackJudgeRequest {
  readonly services: Readonly<Record<string, JudgeRequest>>;
}

/** A stack that will not come up, and the service that shows it. */
export interface StackFailed extends RolloutFailed {
  /** The service's full name. */
  readonly service: string;
  /** Whether the deployment sent nothing for that service: it was broken before. */
  readonly isUnchanged: boolean;
}

/** Where the roll-out of a stack stands; see `RolloutVerdict`. `since` is that of the last service. */
export type StackVerdict = Exclude<RolloutVerdict, RolloutFailed> | StackFailed;

/** Where the way back of a stack stands; see `RollbackVerdict`. */
export type StackRollbackVerdict = Exclude<RollbackVerdict, RolloutFailed> | StackFailed;

/** A verdict with what it was made of, by the services' full names. */
export interface StackJudgement<Whole, One> {
  readonly verdict: Whole;
  /** Belongs into the next call. */
  readonly histories: StackHistory;
  readonly services: Readonly<Record<string, One>>;
}

/**
 * Judges a stack by one observation of each of its services: proved once every one is. One that fails decides it at
 * once; of several, the first by name, but sooner one with a task that shows why.
 */
export function judgeStack(
  request: StackJudgeRequest,
): StackJudgement<StackVerdict, RolloutVerdict> {
  const judged = judgeEach(request, judge);
  const verdicts = Object.values(judged.services);
  const failed = findFailed(request, judged.services);
  if (failed) return { ...judged, verdict: failed };
  const text = textOf(request, judged.services, ["running", "proved"]);
  if (verdicts.some(({ kind }) => kind === "progressing")) {
    return { ...judged, verdict: { kind: "progressing", text } };
  }
  const since = latest(verdicts);
  const kind = verdicts.every((verdict) => verdict.kind === "proved") ? "proved" : "running";
  return { ...judged, verdict: { kind, since, text } };
}

/** Judges the way back of a stack: restored once every service given runs its previous spec again. */
export function judgeStackRollback(
  request: StackJudgeRequest,
): StackJudgement<StackRollbackVerdict, RollbackVerdict> {
  const judged = judgeEach(request, judgeRollback);
  const verdicts = Object.values(judged.services);
  const failed = findFailed(request, judged.services);
  if (failed) return { ...judged, verdict: failed };
  const text = textOf(request, judged.services, ["restored"]);
  if (verdicts.some(({ kind }) => kind === "restoring")) {
    return { ...judged, verdict: { kind: "restoring", text } };
  }
  return { ...judged, verdict: { kind: "restored", since: latest(verdicts), text } };
}

function judgeEach<One>(
  { services }: StackJudgeRequest,
  decide: (request: JudgeRequest) => { readonly verdict: One; readonly history: RolloutHistory },
): { readonly histories: StackHistory; readonly services: Readonly<Record<string, One>> } {
  const judged = Object.entries(services).map(([name, one]) => [name, decide(one)] as const);
  return {
    histories: Object.fromEntries(judged.map(([name, { history }]) => [name, history])),
    services: Object.fromEntries(judged.map(([name, { verdict }]) => [name, verdict])),
  };
}

function findFailed(
  { services }: StackJudgeRequest,
  verdicts: Readonly<Record<string, RolloutVerdict | RollbackVerdict>>,
): StackFailed | null {
  const failed = Object.entries(verdicts)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([service, verdict]) => {
      if (verdict.kind !== "failed") return [];
      return [{ ...verdict, service, isUnchanged: services[service]?.isUnchanged ?? false }];
    });
  return failed.find(({ task }) => task !== null) ?? failed[0] ?? null;
}

/** How many services are there, and where the first stands that is not. */
function textOf(
  { services }: StackJudgeRequest,
  verdicts: Readonly<Record<string, RolloutVerdict | RollbackVerdict>>,
  done: readonly string[],
): string {
  const all = Object.entries(verdicts).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const [only] = all;
  if (all.length === 1 && only) return only[1].text;
  const open = all.filter(([, { kind }]) => !done.includes(kind));
  const count = `${all.length - open.length} of ${all.length} services run`;
  const [first] = open;
  if (first === undefined) return count;
  const [name, { text }] = first;
  return `${count}; ${shortName(name, services[name])}: ${text}`;
}

/** The service's name without its stack's. */
function shortName(name: string, request: JudgeRequest | undefined): string {
  const stack = request?.observation.service?.spec.Labels[STACK_LABELS.namespace];
  return stack && name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name;
}

function latest(verdicts: readonly (RolloutVerdict | RollbackVerdict)[]): number {
  return Math.max(0, ...verdicts.map((verdict) => ("since" in verdict ? verdict.since : 0)));
}
