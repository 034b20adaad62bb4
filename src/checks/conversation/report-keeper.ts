import type {
  ConversationKey,
  ConversationReport,
  Conversations,
} from "../../store/conversation.ts";

/** Changes reports one after the other, so that what is sent at the same time does not forget each other. */
export interface ReportKeeper {
  /** Saves what `change` makes of the report as it is then. */
  change(
    key: ConversationKey,
    change: (report: ConversationReport) => ConversationReport,
  ): Promise<void>;
}

/** A keeper for a process that alone sends. */
export function createReportKeeper(conversations: Conversations): ReportKeeper {
  const last = new Map<string, Promise<void>>();
  return {
    async change(key, change) {
      const name = nameOf(key);
      const before = last.get(name) ?? Promise.resolve();
      const turn = before
        .catch(() => undefined)
        .then(async () => {
          const { report } = await conversations.get(key);
          await conversations.save(change(report));
        });
      last.set(name, turn);
      try {
        await turn;
      } finally {
        if (last.get(name) === turn) last.delete(name);
      }
    },
  };
}

/** A conversation's key as text. */
export function nameOf({ repositoryId, number }: ConversationKey): string {
  return `${repositoryId}#${number}`;
}
