import type { ConvergeDeps } from "../../src/checks/conversation/converge.ts";
import { createReportKeeper } from "../../src/checks/conversation/report-keeper.ts";
import type { AnswerResult } from "../../src/store/conversation.ts";
import type { Store } from "../../src/store/ports.ts";
import { answer, commandComment } from "./conversations.ts";
import { createFakeConversations, type FakeConversations } from "./fake-conversations.ts";
import { decision, delivery, plannedDeployment } from "./records.ts";
import { openReportWorld, type ReportWorld } from "./report-world.ts";

type Deps = ConvergeDeps & { readonly store: Store };

/** A real store, fake comments and simulated time, with the steps of a conversation. */
export interface ConversationWorld extends Omit<ReportWorld, "github" | "deps" | "converge"> {
  readonly github: FakeConversations;
  deps(overrides?: Partial<Deps>): Deps;
  /** Notes that a comment with commands was seen. */
  see(commentId: number, number?: number): Promise<void>;
  /** Answers a line of a comment. A deployment as its result is made, under that id. */
  reply(text: string, result: AnswerResult, place?: Place): Promise<void>;
}

interface Place {
  readonly commentId?: number;
  readonly line?: number;
  readonly number?: number;
}

/** Opens a world of its own for one test. */
export async function openConversationWorld(): Promise<ConversationWorld> {
  const world = await openReportWorld();
  const { store, clock, log } = world;
  const github = createFakeConversations();
  let deliveries = 0;

  const deps = (overrides: Partial<Deps> = {}): Deps => {
    const { budgets, faults, baseUrl, isClosing } = world.deps();
    const reports = createReportKeeper((overrides.store ?? store).conversations);
    return {
      store,
      github,
      clock,
      log,
      budgets,
      faults,
      baseUrl,
      isClosing,
      reports,
      ...overrides,
    };
  };

  return {
    ...world,
    github,
    deps,
    see: (commentId, number = 12) =>
      store.conversations.see(commandComment({ commentId, number, createdAt: clock.now() })),
    async reply(text, result, { commentId = 501, line = 1, number = 12 } = {}) {
      const guid = `reply-${++deliveries}`;
      await store.inbox.insert(delivery({ guid, event: "issue_comment" }));
      const now = clock.now();
      const about = { commentId, line, number, at: now, createdAt: now };
      const made =
        result.kind === "deployment"
          ? [
              plannedDeployment({
                id: result.deploymentId,
                origin: { kind: "comment", pullRequest: number },
                createdAt: now,
              }),
            ]
          : [];
      const answers = [answer(text, result, about)];
      await store.inbox.decide([decision(guid, made, { at: now, answers })]);
    },
  };
}
