import { describe, expect, it } from "vitest";
import { createTestWebApp } from "../support/web-app.ts";

describe("health", () => {
  it("answers while the process lives, to anyone", async () => {
    const response = await createTestWebApp().ask("/healthz");
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
  });

  it("is ready when every part is", async () => {
    const probe = (): Promise<void> => Promise.resolve();
    const web = createTestWebApp({ probes: { store: probe, redis: probe } });
    const response = await web.ask("/readyz");
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: "ready", parts: { store: "ok", redis: "ok" } },
    ]);
  });

  it("names the part that is away, and nothing else", async () => {
    const web = createTestWebApp({
      probes: {
        store: () => Promise.resolve(),
        docker: () => Promise.reject(new Error("connect /run/secret-path: password=hunter2")),
      },
    });
    const response = await web.ask("/readyz");
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: "not_ready", parts: { store: "ok", docker: "away" } },
    ]);
  });

  it("does not wait for ever for a part that does not answer", async () => {
    const web = createTestWebApp({ probes: { redis: () => new Promise(() => {}) } });
    const asking = web.ask("/readyz");
    await Promise.resolve();
    web.clock.advance(3_000);
    expect((await asking).status).toBe(503);
  });

  it("asks the parts once for many readers at a time", async () => {
    let asked = 0;
    const web = createTestWebApp({ probes: { store: () => Promise.resolve(asked++) } });
    await Promise.all([web.ask("/readyz"), web.ask("/readyz"), web.ask("/readyz")]);
    expect(asked).toBe(1);
    web.clock.advance(1_001);
    await web.ask("/readyz");
    expect(asked).toBe(2);
  });
});
