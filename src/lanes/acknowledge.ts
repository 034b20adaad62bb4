import type { CommandComment } from "../intent.ts";
import type { Store } from "../store/ports.ts";
import type { Delivery } from "../store/ports.ts";

/** What the acknowledgement of comments works with. */
export interface AcknowledgeDeps {
  readonly store: Pick<Store, "inbox" | "conversations">;
  /** The comment of a delivery, when it holds commands; never throws. */
  readonly commentOf: (delivery: Delivery) => CommandComment | null;
  /** Called when a comment was noted that may be new. */
  readonly onSeen: () => void;
}

/** The event whose deliveries are acknowledged. */
export const ACKNOWLEDGED_EVENT = "issue_comment";

const BATCH = 20;

/**
 * Notes the comments with commands that wait to be decided, so that each is told at once that it was seen: a decision
 * before it may wait for GitHub for a long time. What is missed here is noted with its decision.
 */
export async function acknowledge(deps: AcknowledgeDeps, repositoryId: number): Promise<void> {
  const { inbox, conversations } = deps.store;
  const deliveries = await inbox.next(repositoryId, BATCH, ACKNOWLEDGED_EVENT);
  const comments = deliveries.map(deps.commentOf).filter((comment) => comment !== null);
  if (comments.length === 0) return;
  await Promise.all(comments.map((comment) => conversations.see(comment)));
  deps.onSeen();
}
