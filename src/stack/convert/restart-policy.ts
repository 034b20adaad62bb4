import type { StackService } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { type Body, present } from "./go-json.ts";

/** A service's restart policy: that of `deploy`, else what `restart` means to a Swarm; undefined leaves it to the Swarm. */
export function convertRestartPolicy(
  conversion: Conversion,
  key: string,
  { deploy, restart }: StackService,
): Body | undefined {
  const policy = deploy?.restartPolicy;
  if (policy !== undefined) {
    return present({
      Condition: policy.condition || undefined,
      Delay: policy.delayNs,
      MaxAttempts: policy.maxAttempts,
      Window: policy.windowNs,
    });
  }
  const parsed = parseRestart(restart ?? "");
  if ("problem" in parsed) {
    conversion.refuse({
      code: "restart_policy_unknown",
      key: `services.${key}.restart`,
      message: `service ${key}: ${parsed.problem}`,
    });
    return undefined;
  }
  return parsed.policy;
}

function parseRestart(restart: string): { policy: Body | undefined } | { problem: string } {
  const [name = "", ...rest] = restart.split(":");
  const count = rest.join(":");
  if (rest.length > 0 && name === "") {
    return { problem: "invalid restart policy format: no policy provided before colon" };
  }
  // A negative one would be sent as the largest number there is.
  if (count !== "" && !/^\+?\d{1,15}$/.test(count)) {
    return {
      problem: "invalid restart policy format: maximum retry count must be an integer",
    };
  }
  switch (name) {
    case "":
    case "no":
      return { policy: undefined };
    case "always":
    case "unless-stopped":
      return { policy: { Condition: "any" } };
    case "on-failure":
      return { policy: { Condition: "on-failure", MaxAttempts: Number(count) } };
    default:
      return { problem: `unknown restart policy: ${restart}` };
  }
}
