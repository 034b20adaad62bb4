import nock from "nock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitHubAuth } from "../../src/github/auth.ts";
import { TEST_APP } from "../support/app-key.ts";
import { createSilentFetch } from "../support/silent-fetch.ts";
import { createSimulatedClock } from "../support/simulated-clock.ts";

const API = "https://github.test/api/v3";
const HOUR = 3_600_000;

let clock: ReturnType<typeof createSimulatedClock>;

beforeEach(() => {
  nock.disableNetConnect();
  clock = createSimulatedClock();
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

function auth() {
  const made = createGitHubAuth({ app: TEST_APP, apiUrl: `${API}/`, clock });
  return {
    installationToken: (installationId: number) => made.installationToken(installationId),
    forget: (token: string) => made.forget(token),
  };
}
function issues(token: string, options: { readonly installation?: number } = {}): nock.Scope {
  return nock(API)
    .matchHeader("authorization", /^bearer ey\w+\.\w+\.[\w-]+$/u)
    .post(`/app/installations/${options.installation ?? 100}/access_tokens`)
    .reply(201, () => ({
      token,
      expires_at: new Date(clock.now() + HOUR).toISOString().replace(/\.\d+Z/u, "Z"),
    }));
}

describe("installation tokens", () => {
  it("are asked for once, however many ask at the same time", async () => {
    issues("one");
    const { installationToken } = auth();
    expect(await Promise.all([installationToken(100), installationToken(100)])).toEqual([
      "one",
      "one",
    ]);
    expect(await installationToken(100)).toBe("one");
  });

  it("belong to one installation", async () => {
    issues("one");
    issues("two", { installation: 200 });
    const { installationToken } = auth();
    expect(await installationToken(100)).toBe("one");
    expect(await installationToken(200)).toBe("two");
  });

  it("are renewed five minutes before they run out, by one request", async () => {
    issues("one");
    const { installationToken } = auth();
    await installationToken(100);
    clock.advance(HOUR - 5 * 60_000 - 1_000);
    expect(await installationToken(100)).toBe("one");
    clock.advance(1_000);
    issues("two");
    expect(await Promise.all([installationToken(100), installationToken(100)])).toEqual([
      "two",
      "two",
    ]);
  });

  it("are not given out again once GitHub has refused them", async () => {
    issues("one");
    const { installationToken, forget } = auth();
    await installationToken(100);
    forget("another");
    await Promise.resolve();
    expect(await installationToken(100)).toBe("one");
    forget("one");
    await Promise.resolve();
    issues("two");
    expect(await installationToken(100)).toBe("two");
  });

  it("are asked for again after a failure", async () => {
    nock(API)
      .post("/app/installations/100/access_tokens")
      .reply(502, "<html>Bad gateway</html>", { "content-type": "text/html" });
    const { installationToken } = auth();
    await expect(installationToken(100)).rejects.toMatchObject({
      code: "github_unavailable",
      retryable: true,
    });
    issues("one");
    expect(await installationToken(100)).toBe("one");
  });

  it("are refused for ever when the App is not installed any more", async () => {
    nock(API)
      .post("/app/installations/100/access_tokens")
      .reply(404, { message: "Not Found", documentation_url: "https://docs.github.test" });
    await expect(auth().installationToken(100)).rejects.toMatchObject({
      message: expect.stringContaining(
        "asking for a token of installation 100: GitHub answered 404",
      ),
      retryable: false,
    });
  });

  it("do not wait for an answer longer than ten seconds", async () => {
    const silent = createSilentFetch();
    const waiting = createGitHubAuth({ app: TEST_APP, apiUrl: API, clock, fetch: silent.fetch });
    const refused = expect(waiting.installationToken(100)).rejects.toMatchObject({
      message: "asking for a token of installation 100: no answer within 10 s",
      retryable: true,
    });
    await silent.asked;
    clock.advance(10_000);
    await refused;
  });
});
