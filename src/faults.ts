/** Where in an effect a fault may strike. */
export type FaultPoint = "before" | "during" | "after";

/** Lets a test end the process at an exact point of an exact effect. Does nothing unless armed. */
export interface Faults {
  /** Ends the process at once, as `kill -9` would, when armed for this point. */
  strike(effect: string, point: FaultPoint): void;
  /** Whether `strike` would end the process. */
  isArmed(effect: string, point: FaultPoint): boolean;
}

/** Reads `SKEP_FAULT` (`<effect>:<before|during|after>`), the hook that crash tests use. */
export function createFaults(armed: string | undefined): Faults {
  const isArmed = (effect: string, point: FaultPoint): boolean => armed === `${effect}:${point}`;
  return {
    isArmed,
    strike(effect, point) {
      if (isArmed(effect, point)) process.kill(process.pid, "SIGKILL");
    },
  };
}

/**
 * Performs an effect with the fault points around it. `during` strikes a moment after the effect has begun, so that
 * its request is on the way and its answer is lost.
 */
export async function withFaults<T>(
  faults: Faults,
  effect: string,
  moment: () => Promise<void>,
  act: () => Promise<T>,
): Promise<T> {
  faults.strike(effect, "before");
  const acting = act();
  if (faults.isArmed(effect, "during")) {
    await Promise.race([acting, moment()]);
    faults.strike(effect, "during");
  }
  const result = await acting;
  faults.strike(effect, "after");
  return result;
}
