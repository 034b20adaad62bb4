/** What has to be taken down again, last thing first. */
export interface Cleanup {
  /** Remembers how to take down something that was just brought up. */
  add(name: string, undo: () => Promise<void>): void;
  /** Takes everything down, once, however often it is called; tells what could not be. */
  run(): Promise<void>;
}

/** Makes an empty list of things to take down. */
export function createCleanup(onError: (name: string, error: unknown) => void): Cleanup {
  const undos: { readonly name: string; readonly undo: () => Promise<void> }[] = [];
  let running: Promise<void> | null = null;

  async function takeDown(): Promise<void> {
    for (let entry = undos.pop(); entry; entry = undos.pop()) {
      try {
        await entry.undo();
      } catch (error) {
        onError(entry.name, error);
      }
    }
  }

  return {
    add: (name, undo) => void undos.push({ name, undo }),
    run: () => (running ??= takeDown()),
  };
}
