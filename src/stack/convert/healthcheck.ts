import type { StackService } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import { type Body, nonEmpty } from "./go-json.ts";

/** A service's health check; an empty one is not the same as none. */
export function convertHealthcheck(
  conversion: Conversion,
  key: string,
  { healthcheck }: StackService,
): Body | undefined {
  if (healthcheck === undefined) {
    return undefined;
  }
  if (healthcheck.disable === true) {
    if ((healthcheck.test ?? []).length > 0) {
      conversion.refuse({
        code: "healthcheck_disabled_with_test",
        key: `services.${key}.healthcheck`,
        message: `service ${key}: test and disable can't be set at the same time`,
      });
    }
    return { Test: ["NONE"] };
  }
  return nonEmpty({
    Test: healthcheck.test,
    Interval: healthcheck.intervalNs,
    Timeout: healthcheck.timeoutNs,
    StartPeriod: healthcheck.startPeriodNs,
    StartInterval: healthcheck.startIntervalNs,
    Retries: healthcheck.retries,
  });
}
