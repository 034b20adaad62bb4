import { describe, expect, it } from "vitest";
import { createSharedSends } from "../../src/queue/shared-sends.ts";

function sharedSends() {
  const sent: string[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const send = createSharedSends((kind, lane) => {
    sent.push(`${kind} ${lane}`);
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  });
  return { send, sent, ends };
}

describe("wake-ups of the same lane", () => {
  it("share the send that begins after the one under way", async () => {
    const { send, sent, ends } = sharedSends();
    const first = send("decision", "1");
    const later = [send("decision", "1"), send("decision", "1"), send("decision", "1")];
    expect(sent).toEqual(["decision 1"]);
    ends[0]?.resolve();
    await first;
    await Promise.resolve();
    expect(sent).toEqual(["decision 1", "decision 1"]);
    ends[1]?.resolve();
    await Promise.all(later);
    void send("decision", "1");
    expect(sent).toHaveLength(3);
  });

  it("begin anew after a send that failed", async () => {
    const { send, sent, ends } = sharedSends();
    const first = send("decision", "1");
    const second = send("decision", "1");
    ends[0]?.reject(new Error("away"));
    await expect(first).rejects.toThrow("away");
    await Promise.resolve();
    ends[1]?.resolve();
    await second;
    expect(sent).toHaveLength(2);
  });

  it("do not wait for other lanes", () => {
    const { send, sent } = sharedSends();
    void send("decision", "1");
    void send("decision", "2");
    void send("deployment", "1");
    expect(sent).toEqual(["decision 1", "decision 2", "deployment 1"]);
  });
});
