import type { StackDeploy, StackUpdateConfig } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { type Body, float32, nonEmpty, present } from "./go-json.ts";

/** How many tasks a service has. No number is sent where the file says none. */
export function convertMode(conversion: Conversion, key: string, deploy: StackDeploy): Body {
  const { mode = "", replicas } = deploy;
  switch (mode) {
    case "":
    case "replicated":
      return { Replicated: present({ Replicas: replicas }) };
    case "replicated-job":
      return {
        ReplicatedJob: present({ MaxConcurrent: replicas, TotalCompletions: replicas }),
      };
    case "global":
    case "global-job":
      if (replicas !== undefined) {
        conversion.refuse({
          code: "replicas_with_global",
          key: `services.${key}.deploy.replicas`,
          message: `service ${key}: replicas can only be used with replicated or replicated-job mode`,
        });
      }
      return mode === "global" ? { Global: {} } : { GlobalJob: {} };
    default:
      conversion.refuse({
        code: "mode_unknown",
        key: `services.${key}.deploy.mode`,
        message: `service ${key}: Unknown mode: ${mode}`,
      });
      return {};
  }
}

/** How an update or a rollback goes on; undefined leaves it to the Swarm. */
export function convertUpdateConfig(config: StackUpdateConfig | undefined): Body | undefined {
  if (config === undefined) {
    return undefined;
  }
  return {
    ...nonEmpty({
      Delay: config.delayNs,
      FailureAction: config.failureAction,
      Monitor: config.monitorNs,
    }),
    Parallelism: config.parallelism ?? 1,
    MaxFailureRatio: float32(config.maxFailureRatio ?? 0),
    Order: config.order ?? "",
  };
}

/** What a task may use and what is kept for it. */
export function convertResources({ limits, reservations }: StackDeploy): Body {
  return present({
    Limits:
      limits &&
      nonEmpty({ NanoCPUs: limits.nanoCpus, MemoryBytes: limits.memoryBytes, Pids: limits.pids }),
    Reservations:
      reservations &&
      nonEmpty({
        NanoCPUs: reservations.nanoCpus,
        MemoryBytes: reservations.memoryBytes,
        GenericResources: reservations.generic?.map(({ kind, value }) => ({
          DiscreteResourceSpec: nonEmpty({ Kind: kind, Value: value }),
        })),
      }),
  });
}

/** Where tasks may run. Always sent: without it, engines before 29.7 fall over. */
export function convertPlacement({ placement }: StackDeploy): Body {
  return nonEmpty({
    Constraints: placement?.constraints,
    Preferences: placement?.preferences?.map(({ spread }) => ({
      Spread: { SpreadDescriptor: spread },
    })),
    MaxReplicas: placement?.maxReplicas,
  });
}
