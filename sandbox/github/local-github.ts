import { once } from "node:events";
import { type Contract, createContract } from "../contract/contract.ts";
import { createApi } from "./api.ts";
import { readAppManifest } from "./app-manifest.ts";
import { createChanges } from "./changes.ts";
import { addControlRoutes } from "./control.ts";
import type { DeliveryMode, HeldOrder } from "./delivery-schedule.ts";
import { createFaults, type Fault } from "./faults.ts";
import { createUrls } from "./format/urls.ts";
import { createTurns } from "./git-http.ts";
import { createOperations, type Operations } from "./operations.ts";
import { addPages } from "./pages/pages.ts";
import { findProblems } from "./problems.ts";
import { createRequestLog, type RequestLog } from "./request-log.ts";
import { createGitHubServer } from "./server.ts";
import { openSnapshot } from "./snapshot.ts";
import type { Delivery } from "./state.ts";
import { createWebhooks } from "./webhooks.ts";

/** How to start a local GitHub. */
export interface LocalGitHubOptions {
  /** Holds state and repositories; what an earlier run left there is taken up again. */
  readonly directory: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Loopback by default; it has no protection against strangers. */
  readonly host?: string;
  /** The address it is reached at, when that is not its host and port. */
  readonly publicUrl?: string;
  /** The App's manifest; the repository's `app.yml` by default. */
  readonly manifest?: string | URL;
  readonly appId?: number;
  readonly webhookSecret?: string;
  readonly webhookUrl?: string;
  /** Judges every request, answer and webhook (default); costs up to 200 ms at the first use of each operation. */
  readonly validate?: boolean;
  readonly now?: () => Date;
}

/** A running local GitHub. */
export interface LocalGitHub extends Operations {
  /** Pages and git; the API is there too, and under `/api/v3`. */
  readonly url: string;
  /** The API's root, for Octokit's `baseUrl`. */
  readonly apiUrl: string;
  readonly app: {
    readonly id: number;
    readonly slug: string;
    /** PEM. */
    readonly privateKey: string;
    readonly webhookSecret: string;
  };
  /** What it was asked since the start or the last reset. */
  readonly requests: RequestLog;
  /** Webhook deliveries, oldest first. */
  readonly deliveries: readonly Delivery[];
  /** Everything that broke GitHub's contract, readable: requests, answers and webhooks. */
  problems(): string[];
  /** Lays a fault out for the next requests that match. */
  failNext(fault: Fault): void;
  clearFaults(): void;
  /** Changes how deliveries travel from now on; `{}` is back to normal. */
  setDeliveryMode(mode: DeliveryMode): void;
  /** Sends a delivery again, as GitHub's "Redeliver" does. */
  redeliver(deliveryId: number): boolean;
  /** Sends a delivery once more exactly as it was, as the network may. */
  repeatDelivery(deliveryId: number): boolean;
  /** Sends what the mode `hold` kept back, one after the other; returns how many these are. */
  releaseDeliveries(order?: HeldOrder): number;
  /** Resolves when no push is being served and no delivery is waiting or under way; held ones do not count. */
  idle(): Promise<void>;
  /** Shows a text (Markdown) above the list of repositories. */
  setNotice(markdown: string): void;
  /** Stops serving and writes the state. */
  close(): Promise<void>;
}

let sharedContract: Contract | undefined;

// Its compiled validators hold nothing of a server; a process with many servers compiles them once.
function shareContract(): Contract {
  sharedContract ??= createContract();
  return sharedContract;
}

/** Starts a local GitHub: REST API, webhooks, git over HTTP and pages on one port. */
export async function startLocalGitHub(options: LocalGitHubOptions): Promise<LocalGitHub> {
  const now = options.now ?? (() => new Date());
  const { appId = 4242, webhookSecret, host = "127.0.0.1" } = options;
  const snapshot = openSnapshot(options.directory, { appId, webhookSecret, now: now() });
  const { state } = snapshot;
  if (options.webhookUrl !== undefined) state.app.webhookUrl = options.webhookUrl;
  const contract = options.validate === false ? undefined : shareContract();
  const changes = createChanges();
  // The port is known only when the server listens.
  const urls = { web: "", api: "" };
  const hub = {
    state,
    manifest: readAppManifest(options.manifest),
    urls,
    directory: options.directory,
    now,
    changed: () => {
      snapshot.changed();
      changes.notify();
    },
  };
  const webhooks = createWebhooks(hub, contract);
  const live = { ...hub, emit: webhooks.emit };
  const requests = createRequestLog();
  const faults = createFaults();
  const turns = createTurns();
  const operations = createOperations(live, turns);
  let notice = "";
  const api = createApi(live, { webhooks, requests, contract });
  addControlRoutes(api, { hub: live, operations, webhooks, requests, faults });
  addPages(api, { hub: live, operations, webhooks, changes, notice: () => notice });
  const server = createGitHubServer({
    hub: live,
    fetch: (request) => api.fetch(request),
    faults,
    requests,
    turns,
  });
  server.listen(options.port ?? 0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("starting the local GitHub: it has no port");
  Object.assign(urls, createUrls(options.publicUrl ?? `http://${host}:${address.port}`));
  return {
    ...operations,
    url: urls.web,
    apiUrl: urls.api,
    app: {
      id: state.app.id,
      slug: hub.manifest.slug,
      privateKey: state.app.privateKey,
      webhookSecret: state.app.webhookSecret,
    },
    requests,
    deliveries: state.deliveries,
    problems: () => findProblems(requests, state.deliveries),
    failNext: faults.add,
    clearFaults: faults.clear,
    setDeliveryMode: webhooks.setMode,
    redeliver: webhooks.redeliver,
    repeatDelivery: webhooks.repeat,
    releaseDeliveries: webhooks.release,
    setNotice: (markdown) => {
      notice = markdown;
      changes.notify();
    },
    idle: async () => {
      await turns.idle();
      await webhooks.idle();
    },
    close: async () => {
      webhooks.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      snapshot.flush();
    },
  };
}
