import { describe, expect, it } from "vitest";
import { deployment } from "../support/deployments.ts";
import { logEntry } from "../support/log-entries.ts";
import { createTestWebApp } from "../support/web-app.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Heard {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** Reads server-sent events one at a time. */
function listen(response: Response) {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  return {
    async next(): Promise<Heard | null> {
      const { done, value } = await reader.read();
      if (done) return null;
      const fields = Object.fromEntries(
        decoder
          .decode(value)
          .trimEnd()
          .split("\n")
          .map((line) => line.split(/: (.*)/, 2)),
      ) as Record<string, string>;
      return {
        event: fields["event"] ?? "beat",
        id: fields["id"] ?? null,
        data: JSON.parse(fields["data"] ?? "null"),
      };
    },
    leave: () => reader.cancel(),
  };
}

const PATH = "/deployments/dep_12/events";

describe("the events of a deployment", () => {
  it("tell the record, the lines so far, new lines, the end, and then close", async () => {
    const web = createTestWebApp();
    web.store.put(deployment({ recordVersion: 1 }));
    web.logs.append("dep_12", [logEntry("one"), logEntry("two")]);
    const events = listen(await web.askAsOperator(PATH));
    expect(await events.next()).toMatchObject({ event: "changed", data: { state: "Running" } });
    expect(await events.next()).toMatchObject({ event: "lines", id: "2" });
    const coming = events.next();
    web.logs.append("dep_12", [logEntry("<three>")]);
    expect(await coming).toEqual({
      event: "lines",
      id: "3",
      data: {
        groups: [
          {
            phase: "build",
            name: "Build",
            count: 1,
            html: expect.stringContaining("&lt;three&gt;"),
          },
        ],
      },
    });
    web.logs.append("dep_12", [logEntry("last")]);
    web.store.put(deployment({ state: "succeeded", recordVersion: 2 }));
    expect(await events.next()).toMatchObject({ event: "changed", data: { state: "Succeeded" } });
    expect(await events.next()).toMatchObject({ event: "lines", id: "4" });
    expect(await events.next()).toMatchObject({ event: "end" });
    expect(await events.next()).toBe(null);
    expect(web.logs.listeners.size + web.store.listeners.size).toBe(0);
  });

  it.each([
    ["the browser's last event", { headers: { "last-event-id": "2" } }, PATH],
    ["the address", {}, `${PATH}?after=2`],
    [
      "the browser rather than the address",
      { headers: { "last-event-id": "2" } },
      `${PATH}?after=1`,
    ],
  ])("go on after %s", async (_, init, path) => {
    const web = createTestWebApp();
    web.store.put(deployment({ state: "failed" }));
    web.logs.append("dep_12", [logEntry("one"), logEntry("two"), logEntry("three")]);
    const events = listen(await web.askAsOperator(path, init));
    await events.next();
    const lines = JSON.stringify(await events.next());
    expect(lines).toContain("three");
    expect(lines).not.toContain("two");
    expect(await events.next()).toMatchObject({ event: "end" });
  });

  it("give a sign of life while nothing happens", async () => {
    const web = createTestWebApp();
    web.store.put(deployment());
    const events = listen(await web.askAsOperator(PATH));
    await events.next();
    const beat = events.next();
    await waitUntil("it waits", () => web.clock.nextAt() !== null);
    web.clock.advance(15_000);
    expect(await beat).toMatchObject({ event: "beat" });
    await events.leave();
  });

  it("are made only as fast as they are read, in bounded pieces", async () => {
    const web = createTestWebApp();
    web.store.put(deployment());
    web.logs.append(
      "dep_12",
      Array.from({ length: 5_000 }, (_, i) => logEntry(`line ${i}`)),
    );
    let reads = 0;
    const read = web.logs.read.bind(web.logs);
    web.logs.read = (...args) => {
      reads += 1;
      return read(...args);
    };
    const events = listen(await web.askAsOperator(PATH));
    expect(reads).toBe(0);
    await events.next();
    expect(await events.next()).toMatchObject({ id: "500" });
    expect(reads).toBe(1);
    await events.leave();
  });

  it("stop listening when the reader leaves, also in the middle of waiting", async () => {
    const web = createTestWebApp();
    web.store.put(deployment());
    const events = listen(await web.askAsOperator(PATH));
    await events.next();
    const pending = events.next();
    await waitUntil("it waits", () => web.clock.nextAt() !== null);
    await events.leave();
    await pending;
    await waitUntil(
      "nobody listens",
      () => web.logs.listeners.size + web.store.listeners.size === 0,
    );
    expect(web.clock.nextAt()).toBe(null);
  });
});
