/** What the tasks of an image do. Times are milliseconds; `lines` is what they print when they start. */
export interface TaskScript {
  readonly does:
    | { readonly kind: "runs" }
    | { readonly kind: "exits"; readonly afterMs: number; readonly code: number }
    /** Fails every health check, and ends with `code` when stopped for it; without a check in the spec it runs. */
    | { readonly kind: "unhealthy"; readonly output: readonly string[]; readonly code: number }
    /** No node has the image, and no registry. */
    | { readonly kind: "no_image" }
    /** No node will take it. */
    | { readonly kind: "no_node"; readonly reason: string };
  /** From the node's acceptance to the container's start. */
  readonly startMs: number;
  /** From the order to stop to the end. */
  readonly stopMs: number;
  readonly lines: readonly string[];
}

/** A task script by its parts; everything else is an image that starts within 200 ms and runs. */
export function taskScript(script: Partial<TaskScript> = {}): TaskScript {
  return { does: { kind: "runs" }, startMs: 200, stopMs: 50, lines: [], ...script };
}
