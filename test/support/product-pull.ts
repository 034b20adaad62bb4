import type { LocalComment } from "../../sandbox/github/issue-operations.ts";
import type { ReactionContent } from "../../sandbox/github/issue-state.ts";
import type { Product } from "./product.ts";
import type { App } from "./product-app.ts";
import { waitUntil } from "./wait-until.ts";

/** A pull request of an app's repository, as people use it. */
export interface Pull {
  readonly number: number;
  /** Its head when it was opened. */
  readonly sha: string;
  /** Comments as somebody; the repository's owner when nobody is named. Returns the comment's id. */
  comment(body: string, user?: string): number;
  /** Skep's reactions to a comment, in the order given. */
  reactions(commentId: number): readonly ReactionContent[];
  /** Waits until a comment has all its reactions: the eyes, and how it ended. Returns how it ended. */
  ended(commentId: number, deadlineMs?: number): Promise<ReactionContent | undefined>;
  /** Skep's one comment; fails when there are several. */
  status(): LocalComment | null;
  /** Waits until Skep's comment shows something, and returns its text. */
  untilStatus(shows: RegExp): Promise<string>;
}

/** Who may command: a person with this role in the app's repository. */
export function person(
  product: Product,
  app: App,
  login: string,
  role: string | undefined,
): string {
  product.github.addUser({ login });
  product.github.setPermission({ owner: app.owner, repo: app.name, user: login, role });
  return login;
}

/** Opens a pull request from a branch of the repository, which is pushed with these files. */
export async function openPull(
  product: Product,
  app: App,
  files: Readonly<Record<string, string>>,
  branch = "topic",
): Promise<Pull> {
  const sha = await app.push(files, { branch });
  const repo = { owner: app.owner, repo: app.name };
  const { number } = await product.github.openPullRequest({ ...repo, head: branch });
  return pullOf(product, app, { number, sha });
}

/** The handle of a pull request that is open already. */
export function pullOf(
  product: Product,
  app: App,
  opened: { readonly number: number; readonly sha: string },
): Pull {
  const { github } = product;
  const use = { owner: app.owner, repo: app.name, number: opened.number };
  const bot = `${github.app.slug}[bot]`;
  const all = (): readonly LocalComment[] => github.comments(use);
  const status = (): LocalComment | null => {
    const own = all().filter(({ author }) => author === bot);
    if (own.length > 1) throw new Error(`Skep wrote ${own.length} comments`);
    return own[0] ?? null;
  };
  const reactions = (commentId: number): readonly ReactionContent[] => {
    const found = all().find(({ id }) => id === commentId)?.reactions ?? [];
    return found.filter(({ user }) => user === bot).map(({ content }) => content);
  };
  return {
    ...opened,
    comment: (body, user) => github.comment({ ...use, body, ...(user && { user }) }).id,
    reactions,
    async ended(commentId, deadlineMs = 60_000) {
      const isOver = (): boolean => reactions(commentId).some((content) => content !== "eyes");
      await waitUntil(`comment ${commentId} is answered`, isOver, deadlineMs).catch(
        async (error: unknown) => {
          const shown = `${reactions(commentId).join(", ")}\n${status()?.body ?? "no comment"}`;
          throw new Error(`${String(error)}\n${shown}\n${(await product.log()).slice(-6_000)}`);
        },
      );
      return reactions(commentId).find((content) => content !== "eyes");
    },
    status,
    async untilStatus(shows) {
      await waitUntil(`Skep's comment shows ${String(shows)}`, () =>
        shows.test(status()?.body ?? ""),
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${status()?.body ?? "no comment"}`);
      });
      return status()?.body ?? "";
    },
  };
}
