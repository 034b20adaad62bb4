import type { Clock } from "../../src/clock.ts";
import type { Delivery } from "../../src/store/ports.ts";
import { REPOSITORY } from "../support/records.ts";
import type { Agenda } from "./agenda.ts";
import type { SimulatedProcess } from "./process.ts";

/** The webhooks that GitHub sends, and somebody who presses Redeliver until they are taken. */
export interface Webhooks {
  /** Sends one event, which arrives once or several times, so many milliseconds later; returns its GUID. */
  send(event: string, payload: object, arrivals: readonly number[]): string;
  /** GUIDs of all that were sent. */
  readonly sent: readonly string[];
  areTaken(): boolean;
}

/** GitHub waits so long for an answer to a webhook; Redeliver is pressed some time later. */
const TIMEOUT_MS = 10_000;
const REDELIVER_MS = 20_000;

const WHERE = {
  repository: {
    id: REPOSITORY.id,
    name: REPOSITORY.name,
    owner: { login: REPOSITORY.owner },
    default_branch: "main",
  },
  installation: { id: REPOSITORY.installationId },
};

/** Webhooks to whatever process runs when they arrive. */
export function createWebhooks(options: {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly process: () => SimulatedProcess | null;
}): Webhooks {
  const { clock, agenda } = options;
  const sent: string[] = [];
  const taken = new Set<string>();

  function deliver(what: Omit<Delivery, "receivedAt">): void {
    let isTaken = false;
    const take = (): void => {
      isTaken = true;
      taken.add(what.guid);
    };
    const delivery = { ...what, receivedAt: clock.now() };
    void options
      .process()
      ?.deliver(delivery)
      .then(take, () => undefined);
    agenda.later(TIMEOUT_MS, () => {
      if (!isTaken) agenda.later(REDELIVER_MS, () => deliver(what));
    });
  }

  return {
    sent,
    areTaken: () => sent.every((guid) => taken.has(guid)),
    send(event, payload, arrivals) {
      const guid = `guid-${sent.length + 1}`;
      sent.push(guid);
      const text = JSON.stringify({ ...payload, ...WHERE });
      for (const ms of arrivals) {
        agenda.later(ms, () =>
          deliver({ guid, event, repositoryId: REPOSITORY.id, payload: text }),
        );
      }
      return guid;
    },
  };
}
