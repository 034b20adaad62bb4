import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Assets } from "./assets.ts";
import { renderPage, type PageContent } from "./pages/page.ts";
import type { WebContext } from "./web-ports.ts";

/** Answers with a page. */
export type RenderPage = (
  c: Context<WebContext>,
  page: PageContent,
  status: ContentfulStatusCode,
) => Promise<Response>;

/** Pages that load these assets, under the nonce of their answer. */
export function createRenderPage(assets: Assets): RenderPage {
  return async (c, page, status) =>
    c.html(await renderPage({ assets, nonce: c.get("nonce") }, page), status);
}
