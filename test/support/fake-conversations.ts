import type { ConversationGitHub, ReactionContent } from "../../src/checks/conversation/ports.ts";
import type { RepositoryRef } from "../../src/deployment.ts";
import type { SkepError } from "../../src/errors.ts";
import { githubError } from "./fake-github.ts";

type Method = keyof ConversationGitHub;

interface FakeComment {
  readonly id: number;
  readonly number: number;
  readonly isOurs: boolean;
  readonly body: string;
}

/** Pull requests' comments in memory, and the means to make GitHub fail. */
export interface FakeConversations extends ConversationGitHub {
  /** Every call, oldest first: the method and what it was about. */
  readonly calls: readonly string[];
  /** The App's own reactions to a comment, in order. */
  reactions(commentId: number): readonly ReactionContent[];
  /** Comments of a pull request, oldest first. */
  comments(number?: number): readonly FakeComment[];
  /** A comment of somebody else. Any other comment is not there for reactions, unless nobody wrote one so far. */
  write(body: string, number?: number): number;
  remove(commentId: number): void;
  /** The next `times` calls of a method fail before they do anything. */
  fail(method: Method | null, failure: () => SkepError, times?: number): void;
  /** Calls wait for this from now on. */
  holdUntil(gate: Promise<void> | null, method: Method): void;
}

/** A GitHub whose comments anybody may react to, unless they were removed. */
export function createFakeConversations(): FakeConversations {
  const calls: string[] = [];
  const comments: FakeComment[] = [];
  const removed = new Set<number>();
  const reactions: { id: number; commentId: number; content: ReactionContent }[] = [];
  const planned: { method: Method | null; failure: () => SkepError; left: number }[] = [];
  const gates = new Map<Method, Promise<void>>();
  let lastId = 1_000;

  async function call<T>(method: Method, about: string, act: () => T): Promise<T> {
    calls.push(`${method} ${about}`);
    await (gates.get(method) ?? Promise.resolve());
    const failing = planned.find((one) => one.left > 0 && (one.method ?? method) === method);
    if (failing) {
      failing.left -= 1;
      throw failing.failure();
    }
    return act();
  }

  function add(number: number, body: string, isOurs: boolean): number {
    comments.push({ id: ++lastId, number, body, isOurs });
    return lastId;
  }

  return {
    calls,
    reactions: (commentId) =>
      reactions.filter((one) => one.commentId === commentId).map(({ content }) => content),
    comments: (number = 12) => comments.filter((one) => one.number === number),
    write: (body, number = 12) => add(number, body, false),
    remove(commentId) {
      removed.add(commentId);
      const at = comments.findIndex(({ id }) => id === commentId);
      if (at >= 0) comments.splice(at, 1);
    },
    fail: (method, failure, times = 1) => void planned.push({ method, failure, left: times }),
    holdUntil(gate, method) {
      if (gate === null) gates.delete(method);
      else gates.set(method, gate);
    },

    createReaction: (_: RepositoryRef, commentId, content) =>
      call("createReaction", `${content} ${commentId}`, () => {
        if (removed.has(commentId)) throw githubError(404);
        const found = reactions.find(
          (one) => one.commentId === commentId && one.content === content,
        );
        if (found) return found.id;
        reactions.push({ id: ++lastId, commentId, content });
        return lastId;
      }),
    deleteReaction: (_, commentId, reactionId) =>
      call("deleteReaction", `${commentId}`, () => {
        const at = reactions.findIndex(({ id }) => id === reactionId);
        if (at >= 0) reactions.splice(at, 1);
      }),
    createComment: (_, number, body) =>
      call("createComment", `${number}`, () => add(number, body, true)),
    updateComment: (_, commentId, body) =>
      call("updateComment", `${commentId}`, () => {
        const at = comments.findIndex(({ id, isOurs }) => id === commentId && isOurs);
        const old = comments[at];
        if (!old) throw githubError(404);
        comments[at] = { ...old, body };
      }),
    findComment: (_, number, { marker }) =>
      call("findComment", `${number}`, () => {
        const found = comments.find(
          (one) => one.number === number && one.isOurs && one.body.startsWith(marker),
        );
        return found?.id ?? null;
      }),
  };
}
