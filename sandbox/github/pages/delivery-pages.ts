import type { Context, Hono } from "hono";
import type { Env } from "../caller.ts";
import { renderDeliveriesPage, renderDeliveryPage } from "./delivery-view.ts";
import { answer, isForeign, type PageParts } from "./page-route.ts";

/** The App's webhook deliveries: looked at, sent again, held. */
export function addDeliveryPages(root: Hono<Env>, { hub, webhooks }: PageParts): void {
  const path = "/settings/deliveries";
  const one = (c: Context<Env>) =>
    hub.state.deliveries.find(({ id }) => id === Number(c.req.param("id")));
  const missing = (c: Context<Env>) => c.text("There is no such delivery.", 404);
  const post = (end: string, act: (c: Context<Env>) => boolean): void => {
    root.post(`${path}/${end}`, (c) => {
      if (isForeign(c)) return c.text("Wrong origin.", 403);
      return act(c) ? c.redirect(path, 303) : missing(c);
    });
  };
  root.get(path, (c) => {
    const isHeld = webhooks.mode().hold ?? false;
    return answer(c, renderDeliveriesPage(hub.state.deliveries, { isHeld }));
  });
  root.get(`${path}/:id{[0-9]+}`, async (c) => {
    const found = one(c);
    return found ? answer(c, renderDeliveryPage(found)) : missing(c);
  });
  post(":id{[0-9]+}/redeliver", (c) => webhooks.redeliver(one(c)?.id ?? 0));
  post(":id{[0-9]+}/repeat", (c) => webhooks.repeat(one(c)?.id ?? 0));
  post("hold", () => {
    webhooks.setMode({ hold: true });
    return true;
  });
  for (const order of ["sent", "reversed"] as const) {
    post(order === "sent" ? "send" : order, () => {
      webhooks.setMode({});
      webhooks.release({ order });
      return true;
    });
  }
}
