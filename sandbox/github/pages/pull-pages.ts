import type { Context, Hono } from "hono";
import type { Env } from "../caller.ts";
import { isPullRequest, type PullRequest } from "../pull-refs.ts";
import type { PullUse } from "../pull-operations.ts";
import { findIssue } from "../issues.ts";
import type { Repository, Role } from "../state.ts";
import { repositoryPath } from "./check-view.ts";
import { renderIssuePage } from "./issue-page.ts";
import { renderNewPullPage } from "./new-pull-page.ts";
import {
  answer,
  onSubmit,
  type PageParts,
  readActor,
  type Submission,
  withRepository,
} from "./page-route.ts";
import { requireReader, requireRole } from "./permission.ts";
import { renderPullListPage } from "./pull-list-page.ts";
import { renderPullPage } from "./pull-page.ts";
import { pullPath } from "./pull-view.ts";

/** Pull requests: the list, each one, a new one; and plain issues, to talk on. */
export function addPullPages(root: Hono<Env>, parts: PageParts): void {
  const { hub } = parts;
  root.get(
    "/:owner/:repo/pulls",
    withRepository(parts, (c, repository) => answer(c, renderPullListPage(hub, repository))),
  );
  root.get(
    "/:owner/:repo/compare/:head{.+}?",
    withRepository(parts, (c, repository) => {
      const view = {
        actor: readActor(hub, c, repository),
        wanted: (c.req.param("head") ?? "").replace(/^.*\.\.\./, ""),
      };
      return answer(c, renderNewPullPage(hub, repository, view));
    }),
  );
  root.get(
    "/:owner/:repo/pull/:number{[0-9]+}",
    withRepository(parts, (c, repository) => {
      const request = pullOf(parts, repository, c);
      if (!request) return c.text("There is no such pull request.", 404);
      const actor = readActor(hub, c, repository);
      return answer(c, renderPullPage(hub, repository, { request, actor }));
    }),
  );
  root.get(
    "/:owner/:repo/issues/:number{[0-9]+}",
    withRepository(parts, (c, repository) => {
      const issue = findIssue(hub, repository, Number(c.req.param("number")));
      if (!issue) return c.text("There is no such issue.", 404);
      if (isPullRequest(issue)) return c.redirect(pullPath(repository, issue));
      const actor = readActor(hub, c, repository);
      return answer(c, renderIssuePage(hub, repository, { issue, actor }));
    }),
  );
  addPullForms(root, parts);
}

function pullOf(
  { hub }: PageParts,
  repository: Repository,
  c: Context<Env>,
): PullRequest | undefined {
  const found = findIssue(hub, repository, Number(c.req.param("number")));
  return found && isPullRequest(found) ? found : undefined;
}

function addPullForms(root: Hono<Env>, parts: PageParts): void {
  const { hub, operations } = parts;
  root.post(
    "/:owner/:repo/pulls",
    onSubmit(parts, async ({ repository, name, user, text }) => {
      requireReader(hub, repository, { user, doing: "opening a pull request" });
      const request = await operations.openPullRequest({
        ...name,
        head: text("head"),
        base: text("base"),
        title: text("title"),
        body: text("body"),
        draft: text("draft") !== "",
        user,
      });
      return pullPath(repository, request);
    }),
  );
  for (const kind of ["pull", "issues"]) {
    root.post(
      `/:owner/:repo/${kind}/:number{[0-9]+}/comment`,
      onSubmit(parts, ({ repository, name, user, text, param }) => {
        requireReader(hub, repository, { user, doing: "commenting" });
        if (text("body").trim() === "") throw new Error("commenting: there is nothing to say");
        const number = Number(param("number"));
        const { id } = operations.comment({ ...name, number, body: text("body"), user });
        return `${repositoryPath(repository)}/${kind}/${number}#issuecomment-${id}`;
      }),
    );
  }
  const button = (action: string, least: Role, act: (use: PullUse) => Promise<unknown>): void => {
    root.post(
      `/:owner/:repo/pull/:number{[0-9]+}/${action}`,
      onSubmit(parts, async (submission) => {
        const use = mayUse(parts, submission, { least, action });
        await act(use);
        return `${repositoryPath(submission.repository)}/pull/${use.number}`;
      }),
    );
  };
  button("merge", "write", (use) => operations.mergePullRequest(use));
  button("squash", "write", (use) => operations.mergePullRequest({ ...use, method: "squash" }));
  button("close", "triage", (use) => operations.closePullRequest(use));
  button("reopen", "triage", (use) => operations.reopenPullRequest(use));
  button("ready", "write", (use) => operations.setDraft({ ...use, draft: false }));
}

/** Lets whoever holds the role through; authors may close, reopen and finish what is their own. */
function mayUse(
  { hub }: PageParts,
  { repository, name, user, param }: Submission,
  { least, action }: { readonly least: Role; readonly action: string },
): PullUse {
  const number = Number(param("number"));
  const isOwn = findIssue(hub, repository, number)?.author === user;
  const isMerge = action === "merge" || action === "squash";
  if (isMerge || !isOwn) requireRole(repository, user, { least, doing: `pressing "${action}"` });
  return { ...name, number, user };
}
