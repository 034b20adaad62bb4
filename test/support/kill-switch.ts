/** What a killed process "throws": nothing it does after its end has any effect. */
export class Killed extends Error {}

/** Ends a simulated process at an exact call to the outside. */
export interface KillSwitch {
  /** Calls seen so far. */
  readonly count: number;
  readonly isDead: boolean;
  /** The object as the process sees it: calls (only of these methods, if given) are counted, and none gets through after the end. */
  guard<T extends object>(target: T, only?: readonly (keyof T)[]): T;
}

/** Kills before or after the `at`-th guarded call; never when `at` is null. */
export function createKillSwitch(at: number | null, when: "before" | "after"): KillSwitch {
  const state = { count: 0, isDead: false };
  const die = (): never => {
    state.isDead = true;
    throw new Killed();
  };

  async function guarded(call: () => unknown): Promise<unknown> {
    if (state.isDead) throw new Killed();
    state.count += 1;
    const isHere = state.count === at;
    if (isHere && when === "before") die();
    const result = await call();
    if (isHere) die();
    return result;
  }

  return {
    get count() {
      return state.count;
    },
    get isDead() {
      return state.isDead;
    },
    guard: (target, only) =>
      new Proxy(target, {
        get(object, key, receiver) {
          const value: unknown = Reflect.get(object, key, receiver);
          if (typeof value !== "function") return value;
          if (only?.every((name) => name !== key)) return value;
          return (...args: unknown[]) =>
            guarded(() => Reflect.apply(value, object, args) as unknown);
        },
      }),
  };
}
