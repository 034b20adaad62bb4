import { Hono } from "hono";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { WebContext } from "./web-ports.ts";

/** Rejects when the part it asks cannot do its work now. */
export type Probe = (deadline: AbortSignal) => Promise<unknown>;

/** What the health endpoints need: one probe for each part that Skep cannot work without. */
export interface HealthDeps {
  readonly probes: Readonly<Record<string, Probe>>;
  readonly clock: Clock;
  readonly log: Logger;
}

type PartState = "ok" | "away";

const PROBE_MS = 3_000;
/** Answers are reused this long, so that nobody can wear out Docker by asking. */
const FRESH_MS = 1_000;

/**
 * `/healthz` answers while the process can answer at all; `/readyz` answers 503 and names the part that is away. Why
 * it is away stands in Skep's own log only.
 */
export function createHealthApp(deps: HealthDeps): Hono<WebContext> {
  const readiness = createReadiness(deps);
  const app = new Hono<WebContext>();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const parts = await readiness();
    const isReady = Object.values(parts).every((state) => state === "ok");
    return c.json({ status: isReady ? "ready" : "not_ready", parts }, isReady ? 200 : 503);
  });
  return app;
}

function createReadiness(deps: HealthDeps): () => Promise<Readonly<Record<string, PartState>>> {
  let answer: Promise<Readonly<Record<string, PartState>>> | null = null;
  let answeredAt = Number.NEGATIVE_INFINITY;

  async function ask(part: string, probe: Probe): Promise<readonly [string, PartState]> {
    const deadline = deps.clock.deadline(PROBE_MS);
    try {
      await Promise.race([probe(deadline), rejectOnAbort(deadline)]);
      return [part, "ok"];
    } catch (error) {
      deps.log.warn({ part, err: error }, "not ready");
      return [part, "away"];
    }
  }

  async function askAll(): Promise<Readonly<Record<string, PartState>>> {
    const parts = Object.entries(deps.probes).map(([part, probe]) => ask(part, probe));
    const states = Object.fromEntries(await Promise.all(parts));
    answeredAt = deps.clock.now();
    return states;
  }

  return () => {
    if (answer === null || deps.clock.now() - answeredAt > FRESH_MS) {
      answeredAt = Number.POSITIVE_INFINITY;
      answer = askAll();
    }
    return answer;
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
