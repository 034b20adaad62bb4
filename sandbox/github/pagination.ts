import type { Context } from "hono";

/** The part of a list that was asked for. */
export interface Page {
  readonly page: number;
  readonly perPage: number;
}

/** Reads `page` and `per_page`; GitHub takes 30 by default and never gives more than 100. */
export function readPage(c: Context, fallback = 30): Page {
  const number = (name: string, otherwise: number) => {
    const value = Number(c.req.query(name));
    return Number.isInteger(value) && value > 0 ? value : otherwise;
  };
  return { page: number("page", 1), perPage: Math.min(100, number("per_page", fallback)) };
}

/** Cuts the asked page out of a list and sets the `Link` header. */
export function paginate<T>(c: Context, items: readonly T[], fallback?: number): T[] {
  const { page, perPage } = readPage(c, fallback);
  setLinks(c, Math.max(1, Math.ceil(items.length / perPage)), { page, perPage });
  return items.slice((page - 1) * perPage, page * perPage);
}

/** Sets the `Link` header for a list of so many pages. */
export function setLinks(c: Context, lastPage: number, { page }: Page): void {
  const link = (target: number, rel: string) => {
    const url = new URL(c.req.url);
    url.searchParams.set("page", String(target));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, lastPage), "prev")] : []),
    ...(page < lastPage ? [link(page + 1, "next"), link(lastPage, "last")] : []),
    ...(page > 1 ? [link(1, "first")] : []),
  ];
  if (links.length > 0) c.header("Link", links.join(", "));
}
