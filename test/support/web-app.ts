import type { HttpBindings } from "@hono/node-server";
import { createRandomIds } from "../../src/ids.ts";
import { createLogger } from "../../src/logger.ts";
import { createWebApp, type WebAppDeps } from "../../src/web/web-app.ts";
import { createSimulatedClock, type SimulatedClock } from "./simulated-clock.ts";
import {
  createFakeWebLogs,
  createFakeWebStore,
  type FakeWebLogs,
  type FakeWebStore,
} from "./web-fakes.ts";

/** The pages over a store and logs in memory, asked without a server. */
export interface TestWebApp {
  readonly store: FakeWebStore;
  readonly logs: FakeWebLogs;
  readonly clock: SimulatedClock;
  readonly deps: WebAppDeps;
  /** Asks as a browser at `peer` (not loopback unless told). */
  ask(path: string, init?: RequestInit, peer?: string): Promise<Response>;
  /** Asks as the operator, on loopback. */
  askAsOperator(path: string, init?: RequestInit): Promise<Response>;
}

/** Makes the pages; `openOnLoopback` unless told otherwise. */
export function createTestWebApp(overrides: Partial<WebAppDeps> = {}): TestWebApp {
  const store = createFakeWebStore();
  const logs = createFakeWebLogs();
  const clock = createSimulatedClock();
  const deps: WebAppDeps = {
    store,
    logs,
    sessions: { codeMs: 3_600_000, sessionMs: 86_400_000 },
    probes: {},
    clock,
    ids: createRandomIds(() => clock.now()),
    log: createLogger("silent"),
    baseUrl: "http://skep.test",
    githubUrl: "https://github.test",
    openOnLoopback: true,
    ...overrides,
  };
  const app = createWebApp(deps);

  async function ask(path: string, init: RequestInit = {}, peer = "203.0.113.9") {
    const env = { incoming: { socket: { remoteAddress: peer } } } as HttpBindings;
    return await app.request(path, init, env);
  }
  return {
    store,
    logs,
    clock,
    deps,
    ask,
    askAsOperator: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("host", "localhost:3000");
      return ask(path, { ...init, headers }, "127.0.0.1");
    },
  };
}
