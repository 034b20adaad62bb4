import { z } from "zod";
import { SkepError } from "../errors.ts";

const answer = z.object({
  message: z.string(),
  status: z.number(),
  response: z
    .object({
      headers: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])),
    })
    .optional(),
});

type Headers = Readonly<Record<string, string | number | undefined>>;

/** GitHub asks for at least a minute when it gives no time of its own for a rate limit. */
const UNNAMED_WAIT_MS = 60_000;
const MAX_MESSAGE = 300;

/** No request to GitHub lasts longer. */
export const GITHUB_TIMEOUT_MS = 10_000;

/**
 * The one conversion of what an Octokit throws to `github_unavailable`. `action` names what was being done. Retryable
 * are lost connections, 5xx, refused tokens and rate limits (with `details.retryAfterMs`); all else GitHub refused.
 */
export function toGitHubError(action: string, thrown: unknown, now: number): SkepError {
  if (thrown instanceof SkepError) return thrown;
  const parsed = answer.safeParse(thrown);
  if (!parsed.success || parsed.data.response === undefined) return unanswered(action, thrown);
  const { status, message, response } = parsed.data;
  const retryAfterMs = waitAsked(status, message, response.headers, now);
  return new SkepError(
    "github_unavailable",
    `${action}: GitHub answered ${status}: ${message.slice(0, MAX_MESSAGE)}`,
    {
      retryable: retryAfterMs !== null || status >= 500 || status === 401 || status === 408,
      details: { status, ...(retryAfterMs === null ? {} : { retryAfterMs }) },
      nextStep: nextStep(status, retryAfterMs),
      cause: thrown,
    },
  );
}

/** Whether an error of this name lies under what fetch and Octokit made of it. */
function isNamed(thrown: unknown, name: "TimeoutError" | "AbortError"): boolean {
  return thrown instanceof Error && (thrown.name === name || isNamed(thrown.cause, name));
}

function silence(thrown: unknown): string {
  if (isNamed(thrown, "TimeoutError")) return `no answer within ${GITHUB_TIMEOUT_MS / 1_000} s`;
  if (isNamed(thrown, "AbortError")) return "given up, because Skep is ending";
  // Such as the page of a proxy in between, or an answer that broke off.
  if (thrown instanceof z.ZodError) return "the answer is not one that GitHub gives";
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.slice(0, MAX_MESSAGE);
}

function unanswered(action: string, thrown: unknown): SkepError {
  return new SkepError("github_unavailable", `${action}: ${silence(thrown)}`, {
    retryable: true,
    nextStep: "Check that Skep can reach GitHub's API; it tries again by itself.",
    cause: thrown,
  });
}

/** How long a rate limit asks to wait, in milliseconds; null when the answer is none. */
function waitAsked(status: number, message: string, headers: Headers, now: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, after * 1_000);
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  if (String(headers["x-ratelimit-remaining"]) === "0" && Number.isFinite(reset)) {
    return Math.max(1_000, reset * 1_000 - now);
  }
  return status === 429 || /rate limit/iu.test(message) ? UNNAMED_WAIT_MS : null;
}

function nextStep(status: number, retryAfterMs: number | null): string {
  if (retryAfterMs !== null)
    return "Nothing to do: Skep goes on when GitHub's rate limit allows it.";
  if (status >= 500) return "Nothing to do: Skep tries again by itself.";
  if (status === 401) return "Check the App's id and private key, and the clock of this machine.";
  if (status === 403) return "Check that the App has the permissions that app.yml lists.";
  if (status === 404) return "Check that the App is installed on the repository.";
  return "Read GitHub's words above; this request is not repeated.";
}
