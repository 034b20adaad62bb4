import type { When } from "./scenario.ts";

/** Where a life ends: at the `calls`-th call from now, of one method or of any. */
export interface Doom {
  readonly method: string | null;
  readonly calls: number;
  readonly when: When;
}

/**
 * The life of a simulated process. What it holds is guarded: once it is dead, no call of it does anything and no
 * answer reaches it, as after `kill -9`; what is under way outside goes on without it.
 */
export interface Life {
  readonly isDead: boolean;
  /** Aborted with the life: the connections that break with it. */
  readonly death: AbortSignal;
  /** Ends it at a call to come. */
  doom(doom: Doom): void;
  /** The next call of the method fails, without having done anything. */
  fail(method: string, error: Error): void;
  /** Forgets all dooms and failures. */
  spare(): void;
  kill(): void;
  /** The object as the process sees it; `name` is how dooms call it. Its methods must return promises. */
  guard<T extends object>(name: string, target: T): T;
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** A new life; `onDeath` is called once, when it is killed. */
export function createLife(onDeath: () => void): Life {
  const controller = new AbortController();
  let dooms: { doom: Doom; left: number }[] = [];
  const failures = new Map<string, Error>();

  function kill(): void {
    if (controller.signal.aborted) return;
    controller.abort(new Error("the process was killed"));
    onDeath();
  }

  function meets(method: string): When | null {
    for (const entry of dooms) {
      if (entry.doom.method !== null && entry.doom.method !== method) continue;
      entry.left -= 1;
      if (entry.left > 0) continue;
      dooms = [];
      return entry.doom.when;
    }
    return null;
  }

  async function guarded(method: string, call: () => unknown): Promise<unknown> {
    if (controller.signal.aborted) return never();
    const when = meets(method);
    if (when === "before") {
      kill();
      return never();
    }
    const failure = failures.get(method);
    failures.delete(method);
    if (failure) throw failure;
    try {
      const result = await call();
      if (when === "after") kill();
      return controller.signal.aborted ? await never() : result;
    } catch (error) {
      if (when === "after") kill();
      if (controller.signal.aborted) return never();
      throw error;
    }
  }

  return {
    get isDead() {
      return controller.signal.aborted;
    },
    death: controller.signal,
    doom: (doom) => void dooms.push({ doom, left: doom.calls }),
    fail: (method, error) => void failures.set(method, error),
    spare() {
      dooms = [];
      failures.clear();
    },
    kill,
    guard: (name, target) =>
      new Proxy(target, {
        get(object, key, receiver) {
          const value: unknown = Reflect.get(object, key, receiver);
          if (typeof value !== "function") return value;
          return (...args: unknown[]) =>
            guarded(`${name}.${String(key)}`, () => Reflect.apply(value, object, args) as unknown);
        },
      }),
  };
}
