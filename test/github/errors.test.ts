import { describe, expect, it } from "vitest";
import { SkepError } from "../../src/errors.ts";
import { toGitHubError } from "../../src/github/errors.ts";

const NOW = 1_000_000_000_000;

function answered(status: number, headers: Record<string, string> = {}, message = "words") {
  const thrown = Object.assign(new Error(message), { status, response: { headers } });
  return toGitHubError("creating a check run", thrown, NOW);
}

describe("what GitHub answers", () => {
  it.each([
    ["a broken gateway", 502, {}, "words", true, null],
    ["an overload", 503, {}, "words", true, null],
    ["a refused token", 401, {}, "Bad credentials", true, null],
    ["a missing permission", 403, {}, "Resource not accessible by integration", false, null],
    ["a missing repository", 404, {}, "Not Found", false, null],
    ["a conflict", 409, {}, "words", false, null],
    ["a removed repository", 410, {}, "words", false, null],
    ["an invalid body", 422, {}, "Validation Failed", false, null],
    ["a secondary limit with a time", 403, { "retry-after": "30" }, "words", true, 30_000],
    [
      "a secondary limit without",
      403,
      {},
      "You have exceeded a secondary rate limit",
      true,
      60_000,
    ],
    ["too many requests", 429, {}, "words", true, 60_000],
    ["too many requests with a time", 429, { "retry-after": "5" }, "words", true, 5_000],
    [
      "a used-up hour",
      403,
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1_000 + 120) },
      "API rate limit exceeded",
      true,
      120_000,
    ],
    [
      "a limit not used up",
      403,
      { "x-ratelimit-remaining": "4000", "x-ratelimit-reset": String(NOW / 1_000 + 120) },
      "Resource not accessible by integration",
      false,
      null,
    ],
  ])("%s", (_, status, headers, message, retryable, retryAfterMs) => {
    const error = answered(status, headers, message);
    expect(error.retryable).toBe(retryable);
    expect(error.details).toEqual(retryAfterMs === null ? { status } : { status, retryAfterMs });
    expect(error.message).toBe(`creating a check run: GitHub answered ${status}: ${message}`);
    expect(error.nextStep).toMatch(/\.$/u);
  });

  it("is cut when it is long", () => {
    expect(answered(422, {}, "x".repeat(5_000)).message.length).toBeLessThan(400);
  });
});

describe("when GitHub does not answer", () => {
  it("is tried again", () => {
    const thrown = Object.assign(new Error("connect ECONNREFUSED"), { status: 500 });
    const error = toGitHubError("creating a check run", thrown, NOW);
    expect(error).toMatchObject({
      code: "github_unavailable",
      message: "creating a check run: connect ECONNREFUSED",
      retryable: true,
    });
  });

  it.each([
    [AbortSignal.abort(new DOMException("late", "TimeoutError")), "no answer within 10 s"],
    [AbortSignal.abort(), "given up, because Skep is ending"],
  ])("says whether time was up or Skep gave up", async (signal, reason) => {
    const ended = await fetch("http://127.0.0.1:9/", { signal }).catch((error: unknown) => error);
    const wrapped = new Error("request failed", { cause: ended });
    for (const thrown of [ended, wrapped]) {
      const error = toGitHubError("creating a check run", thrown, NOW);
      expect(error).toMatchObject({ message: `creating a check run: ${reason}`, retryable: true });
    }
  });

  it("keeps an error that has been judged already", () => {
    const judged = new SkepError("github_unavailable", "asking for a token: no", {
      retryable: false,
    });
    expect(toGitHubError("creating a check run", judged, NOW)).toBe(judged);
  });
});
