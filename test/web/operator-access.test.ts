import { describe, expect, it } from "vitest";
import { issueSignInLink } from "../../src/web/operator-session.ts";
import { deployment } from "../support/deployments.ts";
import { createTestWebApp, type TestWebApp } from "../support/web-app.ts";

const PAGES = [
  "/deployments",
  "/deployments/dep_12",
  "/deployments/dep_12/log.txt",
  "/deployments/dep_12/events",
];

async function freshCode(web: TestWebApp): Promise<string> {
  const { sessions: settings } = web.deps;
  const link = await issueSignInLink({ ...web.deps, sessions: web.store.sessions, settings });
  return link.split("#")[1] ?? "";
}

function post(code: string, next?: string): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ code, ...(next === undefined ? {} : { next }) }).toString(),
  };
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

describe("without a session", () => {
  it.each(PAGES)("%s looks exactly like an address that does not exist", async (path) => {
    const web = createTestWebApp({ openOnLoopback: false });
    web.store.put(deployment());
    const there = await web.ask(path);
    const nowhere = await web.ask(path.replace("deployments", "anywhereabc"));
    expect(there.status).toBe(404);
    const same = (text: string): string =>
      text.replace(/nonce="[^"]+"/g, "").replace(/next=[^"]+/g, "");
    expect(same(await there.text())).toBe(same(await nowhere.text()));
    const names = (response: Response): string[] => [...response.headers.keys()];
    expect(names(there)).toEqual(names(nowhere));
  });

  it("asks no store for what the reader may not see", async () => {
    const web = createTestWebApp({ openOnLoopback: false });
    let asked = 0;
    web.store.deployments.get = () => Promise.resolve(void asked++ as never);
    await web.ask("/deployments/dep_12");
    expect(asked).toBe(0);
  });

  it("leads from the root to the sign-in page", async () => {
    const response = await createTestWebApp().ask("/");
    expect([response.status, response.headers.get("location")]).toEqual([302, "/login"]);
  });
});

describe("signing in", () => {
  it("exchanges a code for a cookie that opens every page", async () => {
    const web = createTestWebApp({ openOnLoopback: false });
    web.store.put(deployment({ state: "succeeded" }));
    const response = await web.ask("/login", post(await freshCode(web), "/deployments/dep_12"));
    expect([response.status, response.headers.get("location")]).toEqual([
      303,
      "/deployments/dep_12",
    ]);
    const headers = { cookie: cookieOf(response) };
    for (const path of PAGES) expect((await web.ask(path, { headers })).status).toBe(200);
    expect((await web.ask("/", { headers })).headers.get("location")).toBe("/deployments");
  });

  it("gives a cookie that scripts, other sites and plain connections do not get", async () => {
    const web = createTestWebApp({ baseUrl: "https://skep.test" });
    const response = await web.ask("/login", post(await freshCode(web)));
    expect(response.headers.get("set-cookie")).toMatch(
      /^__Host-skep=[0-9a-f]{64}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it("stores hashes, never a code or a key", async () => {
    const web = createTestWebApp();
    const code = await freshCode(web);
    const stored = [...web.store.codes.keys()];
    const response = await web.ask("/login", post(code));
    stored.push(...web.store.keys.keys());
    expect(stored.length).toBe(2);
    for (const hash of stored) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(stored).not.toContain(code);
    expect(cookieOf(response)).not.toContain(stored[1]);
  });

  it("takes a code once, and not after its time", async () => {
    const web = createTestWebApp();
    const [first, second] = [await freshCode(web), await freshCode(web)];
    expect((await web.ask("/login", post(first))).status).toBe(303);
    expect((await web.ask("/login", post(first))).status).toBe(403);
    web.clock.advance(3_600_001);
    const late = await web.ask("/login", post(second));
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("This code is not valid");
  });

  it("ends when the session's time is over", async () => {
    const web = createTestWebApp();
    const headers = { cookie: cookieOf(await web.ask("/login", post(await freshCode(web)))) };
    expect((await web.ask("/deployments", { headers })).status).toBe(200);
    web.clock.advance(86_400_001);
    expect((await web.ask("/deployments", { headers })).status).toBe(404);
  });

  it.each([
    "https://evil.test/",
    "//evil.test",
    "/deployments/../login",
    "/deployments\\@evil.test",
    "",
  ])("leads nowhere but to our own pages: %j", async (next) => {
    const web = createTestWebApp();
    const response = await web.ask("/login", post(await freshCode(web), next));
    expect(response.headers.get("location")).toBe("/deployments");
  });

  it("lets each peer try five times, then one every twelve seconds", async () => {
    const web = createTestWebApp();
    for (let i = 0; i < 5; i++) expect((await web.ask("/login", post("wrong"))).status).toBe(403);
    const code = await freshCode(web);
    const refused = await web.ask("/login", post(code));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "12"]);
    expect((await web.ask("/login", post("wrong"), "198.51.100.1")).status).toBe(403);
    web.clock.advance(12_000);
    expect((await web.ask("/login", post(code))).status).toBe(303);
  });

  it("takes no form of any size", async () => {
    const response = await createTestWebApp().ask("/login", post("x".repeat(10_000)));
    expect(response.status).toBe(413);
  });
});

describe("on loopback, where it is open", () => {
  it.each([
    ["127.0.0.1", "localhost:3000", 200],
    ["::1", "[::1]:3000", 200],
    ["::ffff:127.0.0.1", "127.0.0.1", 200],
    ["127.0.0.1", "evil.test:3000", 404],
    ["127.0.0.1", "localhost.evil.test", 404],
    ["127.0.0.1", "127.0.0.1.evil.test", 404],
    ["127.0.0.1", "", 404],
    ["203.0.113.9", "localhost:3000", 404],
    ["", "localhost:3000", 404],
  ])("a request from %s for host %s gets %i", async (peer, host, status) => {
    const response = await createTestWebApp().ask("/deployments", { headers: { host } }, peer);
    expect(response.status).toBe(status);
  });

  it("does not trust what a proxy passes on", async () => {
    const headers = { host: "localhost:3000", "x-forwarded-for": "203.0.113.9" };
    expect((await createTestWebApp().ask("/deployments", { headers }, "127.0.0.1")).status).toBe(
      404,
    );
  });

  it("is closed unless it was opened", async () => {
    const web = createTestWebApp({ openOnLoopback: false });
    expect((await web.askAsOperator("/deployments")).status).toBe(404);
  });
});

describe("every answer", () => {
  it.each(["/login", "/deployments", "/nowhere", "/healthz"])(
    "to %s is locked down",
    async (path) => {
      const { headers } = await createTestWebApp().askAsOperator(path);
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; script-src 'nonce-[0-9a-f]{32}'; style-src 'nonce-[0-9a-f]{32}'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
    },
  );

  it("may keep files, whose names change with their content", async () => {
    const web = createTestWebApp();
    const page = await (await web.ask("/login")).text();
    const style = /\/assets\/style\.[0-9a-f]{12}\.css/.exec(page)?.[0] ?? "";
    const response = await web.ask(style);
    expect(response.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  });
});
