/** One server-sent event; with neither name nor data it is a mere sign of life. */
export interface ServerEvent {
  /** What `Last-Event-ID` will say when the reader comes back. */
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
}

/**
 * Events as a body that is produced only as fast as it is taken. When the reader goes away, `abort` is called and the
 * events are not asked for again.
 */
export function eventStream(
  events: AsyncGenerator<ServerEvent>,
  abort: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await events.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(encodeEvent(next.value)));
      },
      async cancel() {
        abort();
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The event as text; data is JSON, so that it is always one line. */
export function encodeEvent({ id, event, data }: ServerEvent): string {
  if (event === undefined) return ": \n\n";
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data ?? null)}\n\n`;
}
