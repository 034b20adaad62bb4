import type { Hono } from "hono";
import { z } from "zod";
import { parseJson } from "../../contract/json-value.ts";
import { invalid, notFound } from "../api-error.ts";
import { type Env, requireApp } from "../caller.ts";
import type { Hub } from "../hub.ts";
import { readPage } from "../pagination.ts";
import type { Delivery } from "../state.ts";
import { formatDelivery, type Webhooks } from "../webhooks.ts";
import { readBody } from "./body.ts";

const hookConfig = z.object({
  url: z.string().optional(),
  secret: z.string().optional(),
  content_type: z.string().optional(),
  insecure_ssl: z.union([z.string(), z.number()]).optional(),
});

/** The App's webhook: where it goes, what was delivered, and again. */
export function addHookRoutes(
  api: Hono<Env>,
  hub: Hub,
  webhooks: Pick<Webhooks, "redeliver">,
): void {
  const { app } = hub.state;
  const config = () => ({
    content_type: "json",
    insecure_ssl: "0",
    secret: "********",
    url: app.webhookUrl ?? hub.urls.web,
  });
  api.get("/app/hook/config", (c) => {
    requireApp(c);
    return c.json(config());
  });
  api.patch("/app/hook/config", async (c) => {
    requireApp(c);
    const asked = await readBody(c, hookConfig, "Hook");
    if (asked.url !== undefined) app.webhookUrl = asked.url;
    if (asked.secret !== undefined) app.webhookSecret = asked.secret;
    hub.changed();
    return c.json(config());
  });
  api.get("/app/hook/deliveries", (c) => {
    requireApp(c);
    const { perPage } = readPage(c);
    const wanted = c.req.query("status");
    const rest = after(
      attempted(hub).filter(
        (one) => wanted === undefined || (wanted === "success") === isGood(one.statusCode),
      ),
      c.req.query("cursor"),
    );
    const page = rest.slice(0, perPage);
    const last = page.at(-1);
    if (last && rest.length > perPage) {
      const next = new URL(c.req.url);
      next.searchParams.set("cursor", `v1_${last.id}`);
      c.header("Link", `<${next.href}>; rel="next"`);
    }
    return c.json(page.map(formatDelivery));
  });
  api.get("/app/hook/deliveries/:id{[0-9]+}", (c) => {
    requireApp(c);
    const found = attempted(hub).find((one) => one.id === Number(c.req.param("id")));
    if (!found) throw notFound();
    return c.json({
      ...formatDelivery(found),
      url: found.url,
      request: { headers: found.requestHeaders, payload: parseJson(found.requestBody) ?? null },
      response: { headers: found.responseHeaders, payload: found.responseBody },
    });
  });
  api.post("/app/hook/deliveries/:id{[0-9]+}/attempts", (c) => {
    requireApp(c);
    const id = Number(c.req.param("id"));
    if (!attempted(hub).some((one) => one.id === id)) throw notFound();
    webhooks.redeliver(id);
    return c.json({}, 202);
  });
}

const keptMs = 3 * 24 * 3_600_000;

/** What GitHub still knows of: attempted within three days, the newest attempt first. */
function attempted(hub: Hub): Delivery[] {
  const oldest = hub.now().getTime() - keptMs;
  return hub.state.deliveries
    .filter((one) => one.statusCode !== 0 && Date.parse(one.deliveredAt) >= oldest)
    .toSorted((a, b) => Date.parse(b.deliveredAt) - Date.parse(a.deliveredAt) || b.id - a.id);
}

/** What follows the delivery that a cursor names; throws GitHub's 422 when it names none. */
function after(deliveries: readonly Delivery[], cursor: string | undefined): readonly Delivery[] {
  if (cursor === undefined) return deliveries;
  const at = deliveries.findIndex((one) => `v1_${one.id}` === cursor);
  if (at < 0) throw invalid("Hook", "cursor", "cursor is invalid");
  return deliveries.slice(at + 1);
}

function isGood(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 400;
}
