import { createHmac, randomUUID } from "node:crypto";
import type { Contract } from "../contract/contract.ts";
import type { JsonObject } from "../contract/json-value.ts";
import {
  createDeliverySchedule,
  type DeliveryMode,
  type DeliverySchedule,
  type HeldOrder,
} from "./delivery-schedule.ts";
import { formatAccount } from "./format/account.ts";
import { formatRepository } from "./format/repository.ts";
import { findInstallation, type Hub, nextId, nodeId, timestamp } from "./hub.ts";
import type { Delivery, Installation, Repository } from "./state.ts";

/** A webhook to be sent: what happened, where, by whom. */
export interface WebhookEvent {
  readonly event: string;
  readonly repository?: Repository;
  /** Needed only where no repository names it. */
  readonly installation?: Installation;
  readonly sender: string;
  readonly payload: JsonObject;
}

/** Sends a webhook if the App is installed there and subscribed; returns at once. */
export type Emit = (event: WebhookEvent) => void;

/** What routes work on: the state, and a way to tell the App. */
export interface LiveHub extends Hub {
  readonly emit: Emit;
}

/** Sends webhooks, remembers each delivery and can send it again. */
export interface Webhooks {
  readonly emit: Emit;
  /** Sends a delivery again under the same GUID; false when there is none with this id. */
  readonly redeliver: (deliveryId: number) => boolean;
  /** Sends a delivery once more exactly as it was, as the network may; false when there is none with this id. */
  readonly repeat: (deliveryId: number) => boolean;
  readonly setMode: (mode: DeliveryMode) => void;
  readonly mode: () => DeliveryMode;
  /** Sends what the mode `hold` kept back; returns how many these are. */
  readonly release: (order?: HeldOrder) => number;
  /** Resolves when nothing is waiting or under way; what is held does not count. */
  readonly idle: () => Promise<void>;
  /** Gives up what is under way. */
  readonly close: () => void;
}

const timeoutMs = 10_000;
const keptDeliveries = 500;
// Sent to every App, whatever it subscribes to.
const unsubscribed = new Set(["installation", "installation_repositories"]);

/** Creates the sender; without a contract the payloads are not judged. */
export function createWebhooks(hub: Hub, contract: Contract | undefined): Webhooks {
  const stop = new AbortController();
  const attempt = (delivery: Delivery): Promise<void> =>
    attemptDelivery(hub, delivery, stop.signal);
  const schedule: DeliverySchedule = createDeliverySchedule(attempt);
  const send = (delivery: Delivery): void => {
    hub.state.deliveries.push(delivery);
    hub.state.deliveries.splice(0, Math.max(0, hub.state.deliveries.length - keptDeliveries));
    hub.changed();
    schedule.add(delivery);
  };
  return {
    emit: (event) => {
      const delivery = composeDelivery(hub, contract, event);
      if (delivery) send(delivery);
    },
    redeliver: (id) => {
      const found = hub.state.deliveries.find((one) => one.id === id);
      if (found) send(composeRedelivery(hub, found));
      return found !== undefined;
    },
    repeat: (id) => {
      const found = hub.state.deliveries.find((one) => one.id === id);
      if (found) schedule.send(found);
      return found !== undefined;
    },
    setMode: (mode) => {
      schedule.setMode(mode);
      hub.changed();
    },
    mode: schedule.mode,
    release: schedule.release,
    idle: schedule.idle,
    close: () => {
      stop.abort();
      schedule.close();
    },
  };
}

function unsent(hub: Pick<Hub, "state" | "now">) {
  return {
    id: nextId(hub),
    deliveredAt: hub.now().toISOString(),
    url: hub.state.app.webhookUrl ?? "",
    durationSeconds: 0,
    status: "pending",
    statusCode: 0,
    responseHeaders: {},
    responseBody: "",
  };
}

/** The same event under the same GUID, signed with the secret of today. */
function composeRedelivery(hub: Hub, found: Delivery): Delivery {
  const { event, guid, requestBody: body } = found;
  const requestHeaders = composeHeaders(hub, { event, guid, body });
  return { ...found, ...unsent(hub), redelivery: true, requestHeaders };
}

function composeDelivery(
  hub: Hub,
  contract: Contract | undefined,
  { event, repository, sender, payload, installation: given }: WebhookEvent,
): Delivery | undefined {
  const installation = given ?? (repository && findInstallation(hub, repository));
  const isWanted = installation && (unsubscribed.has(event) || installation.events.includes(event));
  if (!isWanted || hub.state.app.webhookUrl === undefined) return undefined;
  const whole: JsonObject = {
    ...(repository && { repository: formatRepository(hub, repository) }),
    ...payload,
    sender: formatAccount(hub, sender),
    // An `installation` event brings the whole installation itself.
    installation: payload.installation ?? {
      id: installation.id,
      node_id: nodeId("IntegrationInstallation", installation.id),
    },
  };
  const guid = randomUUID();
  const requestBody = JSON.stringify(whole);
  return {
    ...unsent(hub),
    guid,
    redelivery: false,
    event,
    action: typeof payload.action === "string" ? payload.action : null,
    installationId: installation.id,
    repositoryId: repository?.id ?? null,
    requestHeaders: composeHeaders(hub, { event, guid, body: requestBody }),
    requestBody,
    problems: [...(contract?.webhook(event, whole).problems ?? [])],
  };
}

function composeHeaders(
  { state }: Pick<Hub, "state">,
  { event, guid, body }: { readonly event: string; readonly guid: string; readonly body: string },
): Record<string, string> {
  const { id, webhookSecret } = state.app;
  const sign = (hash: string) => createHmac(hash, webhookSecret).update(body).digest("hex");
  return {
    Accept: "*/*",
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/local",
    "X-GitHub-Delivery": guid,
    "X-GitHub-Event": event,
    "X-GitHub-Hook-ID": String(id),
    "X-GitHub-Hook-Installation-Target-ID": String(id),
    "X-GitHub-Hook-Installation-Target-Type": "integration",
    "X-Hub-Signature": `sha1=${sign("sha1")}`,
    "X-Hub-Signature-256": `sha256=${sign("sha256")}`,
  };
}

/** Posts a delivery once and writes into it what came of it; never throws. */
async function attemptDelivery(hub: Hub, delivery: Delivery, stop: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  delivery.deliveredAt = hub.now().toISOString();
  try {
    const response = await fetch(delivery.url, {
      method: "POST",
      headers: delivery.requestHeaders,
      body: delivery.requestBody,
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stop]),
    });
    delivery.statusCode = response.status;
    delivery.status = response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`;
    delivery.responseHeaders = Object.fromEntries(response.headers);
    delivery.responseBody = (await response.text()).slice(0, 10_000);
  } catch (error) {
    const isSlow = error instanceof DOMException && error.name === "TimeoutError";
    delivery.statusCode = isSlow ? 504 : 502;
    delivery.status = isSlow ? "timed out" : "failed to connect to host";
  }
  delivery.durationSeconds = Math.round(performance.now() - startedAt) / 1000;
  hub.changed();
}

/** A delivery as GitHub lists it. */
export function formatDelivery(delivery: Delivery): JsonObject {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: timestamp(new Date(delivery.deliveredAt)),
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}
