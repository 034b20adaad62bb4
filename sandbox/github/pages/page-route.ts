import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Env } from "../caller.ts";
import type { Changes } from "../changes.ts";
import { findRepository, findUser, type Hub } from "../hub.ts";
import type { Operations } from "../operations.ts";
import type { RepositoryName } from "../repository-name.ts";
import type { Repository } from "../state.ts";
import type { LiveHub, Webhooks } from "../webhooks.ts";
import { crumbsTo } from "./crumbs.ts";
import { type Html, pageHeaders, renderPage } from "./layout.ts";

/** What the pages reach. */
export interface PageParts {
  readonly hub: LiveHub;
  readonly operations: Operations;
  readonly webhooks: Webhooks;
  readonly changes: Changes;
  /** Markdown for the first page; empty for none. */
  readonly notice: () => string;
}

type Render = (c: Context<Env>, repository: Repository) => Promise<Response> | Response;

/** Answers with a page. */
export async function answer(c: Context<Env>, page: Html | Promise<Html>): Promise<Response> {
  return c.html(await page, 200, pageHeaders);
}

/** Looks the repository of a page up, or answers 404. */
export function withRepository({ hub }: Pick<PageParts, "hub">, render: Render) {
  return async (c: Context<Env>): Promise<Response> => {
    const repository = findRepository(hub, c.req.param("owner") ?? "", c.req.param("repo") ?? "");
    return repository ? render(c, repository) : c.text("There is no such repository.", 404);
  };
}

/** Whether another site sent a form: it must not press buttons through somebody's browser. */
export function isForeign(c: Context<Env>): boolean {
  const origin = c.req.header("origin");
  return origin !== undefined && origin !== new URL(c.req.url).origin;
}

/** What a person sent with a form. */
export interface Submission {
  readonly repository: Repository;
  readonly name: RepositoryName;
  /** The account that was chosen. */
  readonly user: string;
  /** A field's text, with line breaks as in a file; empty when it is missing. */
  readonly text: (field: string) => string;
  readonly param: (name: string) => string;
}

/** Does what a form asks and goes to the path that comes of it; shows the reason when it is refused. */
export function onSubmit(
  parts: PageParts,
  act: (submission: Submission) => string | Promise<string>,
) {
  return withRepository(parts, async (c, repository) => {
    if (isForeign(c)) return c.text("Wrong origin.", 403);
    const form = await c.req.formData();
    const text = (field: string) => {
      const value = form.get(field);
      return typeof value === "string" ? value.replaceAll("\r\n", "\n") : "";
    };
    const user = findUser(parts.hub, text("user"))?.login ?? repository.owner;
    setCookie(c, actorCookie, user, { path: "/", sameSite: "Strict", httpOnly: true });
    const { owner, name: repo } = repository;
    const param = (name: string) => c.req.param(name) ?? "";
    try {
      return c.redirect(await act({ repository, name: { owner, repo }, user, text, param }), 303);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return c.html(await renderRefusal(repository, reason), 409, pageHeaders);
    }
  });
}

const actorCookie = "local-github-actor";

/** The account that last sent a form in this browser; the owner at first. */
export function readActor(hub: Hub, c: Context<Env>, repository: Repository): string {
  return findUser(hub, getCookie(c, actorCookie) ?? "")?.login ?? repository.owner;
}

function renderRefusal(repository: Repository, reason: string): Html {
  return renderPage({
    title: `Not done · ${repository.owner}/${repository.name}`,
    crumbs: crumbsTo(repository),
    main: html`<div class="card empty">
      <h2>This was not done</h2>
      <p>${reason}</p>
      <p class="muted">Go back to change it.</p>
    </div>`,
  });
}
