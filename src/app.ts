import { pino } from "pino";
import { Probot } from "probot";
import { decodeCheckRun } from "./handlers/check-run.ts";
import { decodeDeployment } from "./handlers/deployment.ts";
import { decodeIssueComment } from "./handlers/issue-comment.ts";
import { decodePullRequest } from "./handlers/pull-request.ts";
import { decodePush } from "./handlers/push.ts";
import { decodeRelease } from "./handlers/release.ts";
import type { Decoded } from "./intent.ts";
import type { Delivery } from "./store/ports.ts";

/** Takes what a handler found in a delivery; called once for each thing, in their order. */
export type RecordDecoded = (deliveryGuid: string, decoded: Decoded) => void;

/** The events that have a handler; `app.yml` subscribes to exactly these. */
export const HANDLED_EVENTS = [
  "push",
  "release",
  "deployment",
  "pull_request",
  "issue_comment",
  "check_run",
] as const;

/** The Probot application: each handler reads its payload and records what it asks for; nothing else happens in it. */
export function createApp(appId: number, record: RecordDecoded): (app: Probot) => void {
  return (app) => {
    app.on("push", ({ id, payload }) => record(id, decodePush(payload, id)));
    app.on("release", ({ id, payload }) => record(id, decodeRelease(payload, id)));
    app.on("deployment", ({ id, payload }) => record(id, decodeDeployment(payload, id, appId)));
    app.on("pull_request", ({ id, payload }) => record(id, decodePullRequest(payload)));
    app.on("issue_comment", ({ id, payload }) => {
      for (const decoded of decodeIssueComment(payload, id)) record(id, decoded);
    });
    app.on("check_run", ({ id, payload }) => record(id, decodeCheckRun(payload, id, appId)));
  };
}

/** Makes the way from a stored delivery to what it asks for, through Probot. Never calls GitHub. */
export function createDecoder(options: {
  readonly app: { readonly id: number; readonly privateKey: string };
  readonly webhookSecret: string;
}): (delivery: Delivery) => Promise<readonly Decoded[]> {
  const found = new Map<string, Decoded[]>();
  const probot = new Probot({
    appId: options.app.id,
    privateKey: options.app.privateKey,
    secret: options.webhookSecret,
    // Probot logs whole payloads when a handler throws; the decision lane logs what matters.
    log: pino({ level: "silent" }),
  });
  const loaded = probot.load(
    createApp(options.app.id, (guid, decoded) => void found.get(guid)?.push(decoded)),
  );

  return async (delivery) => {
    if (!(HANDLED_EVENTS as readonly string[]).includes(delivery.event)) {
      return [
        {
          kind: "ignored",
          code: "event_ignored",
          message: `nothing follows from ${delivery.event}`,
        },
      ];
    }
    await loaded;
    const decoded: Decoded[] = [];
    found.set(delivery.guid, decoded);
    try {
      await probot.receive(eventOf(delivery));
    } finally {
      found.delete(delivery.guid);
    }
    return decoded;
  };
}

type ReceivedEvent = Parameters<Probot["receive"]>[0];

/** Probot's types promise a checked payload; what is in it is checked by the handlers. */
function eventOf(delivery: Delivery): ReceivedEvent {
  const payload: unknown = JSON.parse(delivery.payload);
  return { id: delivery.guid, name: delivery.event, payload } as ReceivedEvent;
}
