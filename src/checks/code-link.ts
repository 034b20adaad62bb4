import type { ErrorCode } from "../errors.ts";
import { link } from "./markdown.ts";

const ERRORS_PAGE = "https://github.com/skep-deploy/skep/blob/main/docs/errors.md";

/** A code as inline code that leads to the page which explains it. */
export function codeLink(code: ErrorCode): string {
  return link(`\`${code}\``, ERRORS_PAGE);
}
