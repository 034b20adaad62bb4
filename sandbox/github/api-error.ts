import { HTTPException } from "hono/http-exception";

const documentation = "https://docs.github.com/rest";

/** One entry of GitHub's 422 answers. */
export interface FieldError {
  readonly resource: string;
  readonly field: string;
  readonly code: "missing" | "missing_field" | "invalid" | "already_exists" | "custom";
  readonly message?: string;
}

/** An error in GitHub's shape, to be thrown from a route. */
export function apiError(
  status: 400 | 401 | 403 | 404 | 409 | 422,
  message: string,
  more: { readonly errors?: readonly FieldError[] } = {},
): HTTPException {
  const body = { message, ...more, documentation_url: documentation, status: String(status) };
  return new HTTPException(status, { res: Response.json(body, { status }) });
}

/** GitHub's 404, which also hides what a caller may not see. */
export function notFound(): HTTPException {
  return apiError(404, "Not Found");
}

/** GitHub's 422 with one reason. */
export function invalid(resource: string, field: string, message: string): HTTPException {
  return apiError(422, "Validation Failed", {
    errors: [{ resource, field, code: "custom", message }],
  });
}
