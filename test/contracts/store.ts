import { afterEach, beforeEach, describe } from "vitest";
import type { Store } from "../../src/store/ports.ts";
import { cancellationContract } from "./store/cancellation.ts";
import { catalogContract } from "./store/catalog.ts";
import { conversationsContract } from "./store/conversations.ts";
import { deploymentsContract } from "./store/deployments.ts";
import { holdsContract } from "./store/holds.ts";
import { inboxContract } from "./store/inbox.ts";
import { lanesContract } from "./store/lanes.ts";
import { outboxContract } from "./store/outbox.ts";
import { pullRequestsContract } from "./store/pull-requests.ts";
import { sessionsContract } from "./store/sessions.ts";
import type { Subject } from "./store/subject.ts";

/** A fresh store, `reopen` for the same data as a new process sees it. */
interface Opened extends Subject {
  cleanUp(): Promise<void>;
}

/** What every store must do. */
export function storeContract(name: string, open: () => Promise<Opened>): void {
  describe(`store: ${name}`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterEach(() => opened.cleanUp());
    const subject: Subject = {
      get store(): Store {
        return store;
      },
      reopen: async () => (store = await opened.reopen()),
    };

    inboxContract(subject);
    lanesContract(subject);
    holdsContract(subject);
    cancellationContract(subject);
    deploymentsContract(subject);
    catalogContract(subject);
    pullRequestsContract(subject);
    outboxContract(subject);
    conversationsContract(subject);
    sessionsContract(subject);
  });
}
