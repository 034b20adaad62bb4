import type { HttpBindings } from "@hono/node-server";
import type { LogArchive } from "../logs/ports.ts";
import type { Deployments, Sessions, Store } from "../store/ports.ts";

/** What the pages need of the store: they only read, but for the operator's sessions. */
export interface WebStore {
  readonly deployments: Pick<Deployments, "get" | "list">;
  readonly sessions: Sessions;
  readonly onTransition: Store["onTransition"];
}

/** What the pages need of the logs. */
export type WebLogs = Pick<LogArchive, "read" | "onAppend" | "lastSeq">;

/** What a handler finds in its context: Node's own request, and the nonce of this answer's scripts and styles. */
export interface WebContext {
  Bindings: Partial<HttpBindings>;
  Variables: { nonce: string };
}
