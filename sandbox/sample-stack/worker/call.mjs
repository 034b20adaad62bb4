import { setTimeout as delay } from "node:timers/promises";

const TRIES = 3;

/**
 * Asks another service and gives the JSON of its answer; null for 404. Asks again when nobody is
 * there for a moment: a service whose task is being replaced has none.
 */
export async function call(url, { method = "GET", headers = {}, body } = {}) {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      const response = await fetch(url, {
        method,
        headers,
        signal: AbortSignal.timeout(2_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`it answers ${response.status}`);
      return await response.json();
    } catch (error) {
      const cause = error.cause?.message ?? error.message;
      // What may have been done already is not done twice.
      if (left === 0 || method === "POST") throw new Error(`${method} ${url}: ${cause}`);
      await delay(200);
    }
  }
}
