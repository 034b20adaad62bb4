import type { StackDeploy, StackUpdateConfig } from "../model.ts";
import { defined } from "./fields.ts";
import { appended, blocks, count, entries, type MergeRules } from "./merge-values.ts";

/** A service's `deploy` as two files describe it. */
export function mergeDeploy(base: StackDeploy, over: StackDeploy, rules: MergeRules): StackDeploy {
  const { amount, text } = rules;
  const mergeUpdates = (a: StackUpdateConfig, b: StackUpdateConfig): StackUpdateConfig =>
    mergeUpdateConfig(a, b, rules);
  return defined<StackDeploy>({
    mode: text(base.mode, over.mode),
    replicas: count(base.replicas, over.replicas),
    labels: entries(base.labels, over.labels),
    endpointMode: text(base.endpointMode, over.endpointMode),
    updateConfig: blocks(base.updateConfig, over.updateConfig, mergeUpdates),
    rollbackConfig: blocks(base.rollbackConfig, over.rollbackConfig, mergeUpdates),
    restartPolicy: blocks(base.restartPolicy, over.restartPolicy, (a, b) =>
      defined({
        condition: text(a.condition, b.condition),
        delayNs: amount(a.delayNs, b.delayNs),
        maxAttempts: count(a.maxAttempts, b.maxAttempts),
        windowNs: amount(a.windowNs, b.windowNs),
      }),
    ),
    limits: blocks(base.limits, over.limits, (a, b) =>
      defined({
        nanoCpus: amount(a.nanoCpus, b.nanoCpus),
        memoryBytes: amount(a.memoryBytes, b.memoryBytes),
        pids: amount(a.pids, b.pids),
      }),
    ),
    reservations: blocks(base.reservations, over.reservations, (a, b) =>
      defined({
        nanoCpus: amount(a.nanoCpus, b.nanoCpus),
        memoryBytes: amount(a.memoryBytes, b.memoryBytes),
        generic: appended(a.generic, b.generic),
      }),
    ),
    placement: blocks(base.placement, over.placement, (a, b) =>
      defined({
        constraints: appended(a.constraints, b.constraints),
        preferences: appended(a.preferences, b.preferences),
        maxReplicas: amount(a.maxReplicas, b.maxReplicas),
      }),
    ),
  });
}

function mergeUpdateConfig(
  base: StackUpdateConfig,
  over: StackUpdateConfig,
  { amount, text }: MergeRules,
): StackUpdateConfig {
  return defined<StackUpdateConfig>({
    parallelism: count(base.parallelism, over.parallelism),
    delayNs: amount(base.delayNs, over.delayNs),
    monitorNs: amount(base.monitorNs, over.monitorNs),
    failureAction: text(base.failureAction, over.failureAction),
    maxFailureRatio: amount(base.maxFailureRatio, over.maxFailureRatio),
    order: text(base.order, over.order),
  });
}
