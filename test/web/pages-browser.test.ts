import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/logger.ts";
import { createLogStore } from "../../src/logs/log-store.ts";
import type { LogArchive } from "../../src/logs/ports.ts";
import { issueSignInLink } from "../../src/web/operator-session.ts";
import { createServer, type WebServer } from "../../src/web/server.ts";
import { createWebApp } from "../../src/web/web-app.ts";
import { startBrowser } from "../support/browser.ts";
import {
  annotations,
  CREATED_AT,
  deployment,
  failure,
  operation,
  phase,
} from "../support/deployments.ts";
import { logEntry } from "../support/log-entries.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitUntil } from "../support/wait-until.ts";
import { createTestWebApp, type TestWebApp } from "../support/web-app.ts";

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

let browser: Browser;
let dir: TempDir;
let logs: LogArchive;
let web: TestWebApp;
let server: WebServer;
/** What went wrong in the browser, and what it asked of others. */
let complaints: string[] = [];

async function serve(port = 0): Promise<WebServer> {
  const clock = createSystemClock();
  return await createServer({
    intake: () => Promise.resolve(),
    web: createWebApp({ ...web.deps, logs, clock }),
    host: "127.0.0.1",
    port,
    clock,
    log: createLogger("silent"),
  });
}

async function openPage(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(server.address)) complaints.push(request.url());
  });
  await page.goto(server.address + path);
  return page;
}

function putAll(): void {
  const phases = [
    phase("pre_build", [0, 600], "succeeded"),
    phase("build", [600, 9_000], "failed", "step 4/5 failed"),
  ];
  const plan = [
    operation({ risks: [{ code: "image_unpinned", text: "its registry may give another one" }] }),
    operation({ kind: "keep", target: "network shop-production_default", changes: [] }),
  ];
  web.store.put(
    deployment({ id: "dep_ok", state: "succeeded", plan, environmentUrl: "https://x.dev" }),
  );
  web.store.put(deployment({ id: "dep_superseded", state: "superseded", supersededBy: "dep_ok" }));
  web.store.put(deployment({ id: "dep_back", state: "rolled_back", phases }));
  web.store.put(
    deployment({
      id: "dep_failed",
      state: "failed",
      finishedAt: CREATED_AT + 9_000,
      phases,
      failure: failure({ annotations: annotations(3) }),
    }),
  );
  web.store.put(
    deployment({
      id: "dep_run",
      phases: [phase("build", [600, null], "running")],
      recordVersion: 1,
    }),
  );
  web.store.put(
    deployment({
      id: "dep_waiting",
      state: "waiting",
      version: "v1.0.4",
      ref: "refs/tags/v1.0.4",
      origin: { kind: "tag", pullRequest: null },
      startedAt: null,
      waitingFor: { deploymentId: "dep_rollback", by: "bob", version: "v1.0.1", since: CREATED_AT },
    }),
  );
  web.store.put(
    deployment({
      id: "dep_rollback",
      kind: "rollback",
      state: "succeeded",
      version: "v1.0.1",
      origin: { kind: "comment", pullRequest: 12 },
      finishedAt: CREATED_AT + 12_000,
    }),
  );
  for (const id of ["dep_ok", "dep_failed", "dep_run"])
    logs.append(id, [
      logEntry("resolved 312 packages"),
      logEntry("warning: peer dependency", { level: "error" }),
      logEntry("listening on :8080", { phase: "deploy", stream: "service", source: "shop.1" }),
    ]);
}

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  complaints = [];
  dir = await makeTempDir();
  logs = await createLogStore({
    file: `${dir.path}/logs.db`,
    clock: createSystemClock(),
    log: createLogger("silent"),
  });
  web = createTestWebApp();
  putAll();
  server = await serve();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await server.close(0);
  await logs.close();
  await dir.remove();
});

describe("every page", () => {
  it.each(["light", "dark"] as const)(
    "is accessible to all when it is %s",
    async (colorScheme) => {
      const paths = ["/deployments", "/login", "/nowhere"];
      for (const id of ["ok", "failed", "run", "superseded", "back", "waiting", "rollback"])
        paths.push(`/deployments/dep_${id}`);
      for (const path of paths) {
        const page = await openPage(path, { colorScheme });
        await page.evaluate(axe.source);
        const violations = await page.evaluate(
          `document.querySelector(".plan")?.setAttribute("open", "");
         axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
           .then(({ violations }) => violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))`,
        );
        expect([path, violations]).toEqual([path, []]);
      }
      expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
    },
    60_000,
  );
});

describe("a running deployment", () => {
  it("shows what happens as it happens, to the end, without a word from outside", async () => {
    const page = await openPage("/deployments/dep_run");
    await page.locator("#live:visible").waitFor();
    logs.append("dep_run", [
      logEntry("GET / 200", { phase: "deploy", stream: "service", source: "shop.1" }),
      logEntry(HOSTILE, { phase: "post_deploy" }),
    ]);
    await page.locator("#L5").waitFor();
    expect(await groupsOf(page)).toEqual([
      "build: 2 lines, 2",
      "deploy: 2 lines, 2",
      "post_deploy: 1 line, 1",
    ]);
    expect(await page.locator("#L5 .x").textContent()).toBe(HOSTILE);
    expect(await page.locator("#shown").textContent()).toBe("5 lines");

    logs.append("dep_run", [logEntry("the end", { phase: "post_deploy" })]);
    const phases = [phase("build", [600, 2_000], "succeeded")];
    web.store.put(
      deployment({ id: "dep_run", state: "succeeded", phases, title: HOSTILE, recordVersion: 2 }),
    );
    await page.locator('[data-state="succeeded"]').waitFor();
    await page.locator("#L6").waitFor();
    await page.locator("#live:visible").waitFor({ state: "detached" });
    expect(await page.title()).toBe("Succeeded: shop to production #12 · Skep");
    expect(await page.locator("#announce").textContent()).toBe("Succeeded");
    expect(await page.locator(".commit-title").textContent()).toBe(HOSTILE);
    await waitUntil("nobody listens any more", () => web.store.listeners.size === 0);
    expect(complaints).toEqual([]);
  });

  it("keeps the end in sight until the reader scrolls up", async () => {
    const page = await openPage("/deployments/dep_run", {
      viewport: { width: 1_000, height: 700 },
    });
    await page.locator("#live:visible").waitFor();
    const distance = `(() => { const l = document.querySelector(".lines"); return l.scrollHeight - l.scrollTop - l.clientHeight; })()`;
    logs.append(
      "dep_run",
      Array.from({ length: 300 }, (_, i) => logEntry(`line ${i}`)),
    );
    await page.locator("#L303").waitFor();
    await waitUntil("the end is in sight", async () => Number(await page.evaluate(distance)) < 5);
    await page.locator(".lines").hover();
    await page.mouse.wheel(0, -2_000);
    await waitUntil(
      "it no longer follows",
      async () => !(await page.locator("#follow").isChecked()),
    );
    logs.append("dep_run", [logEntry("one more")]);
    await page.locator("#L304").waitFor();
    expect(Number(await page.evaluate(distance))).toBeGreaterThan(500);
  });

  it("goes on where it was after the connection was lost", async () => {
    const page = await openPage("/deployments/dep_run");
    await page.locator("#live:visible").waitFor();
    const port = Number(new URL(server.address).port);
    await server.close(0);
    await page.locator("#live.lost").waitFor();
    logs.append("dep_run", [logEntry("meanwhile")]);
    server = await serve(port);
    await page.locator("#L4").waitFor();
    expect(await page.locator(".l").count()).toBe(4);
  });
});

/** Phase, told count and true count of each group. */
async function groupsOf(page: Page): Promise<string[]> {
  const groups = await page.locator(".group").all();
  return await Promise.all(
    groups.map(async (group) => {
      const [phaseName, count, lines] = await Promise.all([
        group.getAttribute("data-phase"),
        group.locator(".count").textContent(),
        group.locator(".l").count(),
      ]);
      return `${phaseName}: ${count}, ${lines}`;
    }),
  );
}

describe("the log", () => {
  it("is filtered on the spot, and the address remembers", async () => {
    const page = await openPage("/deployments/dep_failed");
    await page.keyboard.press("/");
    await page.keyboard.type("PEER");
    await page.locator("#L1").waitFor({ state: "hidden" });
    expect(await page.locator(".l:visible").count()).toBe(1);
    expect(await page.locator("#shown").textContent()).toBe("1 of 3 lines");
    expect(page.url()).toContain("?q=PEER");
    await page.reload();
    expect(await page.locator(".l:visible").count()).toBe(1);
    await page.locator("[name=q]").fill("");
    await page.locator("[name=stream]").selectOption("service");
    await page.locator("#L1").waitFor({ state: "hidden" });
    expect(await page.locator(".l:visible .x").allTextContents()).toEqual(["listening on :8080"]);
    await page.locator("[name=phase]").selectOption("build");
    expect((await page.locator("#empty:visible").textContent())?.trim()).toBe("No line matches.");
  });

  it("wraps long lines or not, as one likes", async () => {
    logs.append("dep_ok", [logEntry("word ".repeat(400))]);
    const page = await openPage("/deployments/dep_ok");
    const height = async (): Promise<number> =>
      (await page.locator("#L4").boundingBox())?.height ?? 0;
    expect(await height()).toBeGreaterThan(30);
    await page.getByText("Wrap").click();
    expect(await height()).toBeLessThan(30);
  });

  it("leads to a line, even to one that the page did not hold", async () => {
    logs.append(
      "dep_ok",
      Array.from({ length: 6_000 }, (_, i) => logEntry(`line ${i}`)),
    );
    const page = await openPage("/deployments/dep_ok#L500");
    await page.locator("#L500:target").waitFor();
    expect(page.url()).toContain("?from=400#L500");
    await page.locator("#L502 .n").click();
    await page.locator("#L502:target").waitFor();
  });

  it("works without a script", async () => {
    const page = await openPage("/deployments/dep_run", { javaScriptEnabled: false });
    await page.locator("#L3").waitFor();
    expect(await page.locator(".log > .note, noscript").textContent()).toContain(
      "load the page again",
    );
    await page.locator("[name=q]").fill("packages");
    await page.locator("#apply").click();
    await page.waitForURL(/q=packages/);
    expect(await page.locator(".l").count()).toBe(1);
  });
});

describe("the list", () => {
  it("keeps itself fresh", async () => {
    const page = await openPage("/deployments");
    expect(await page.locator("tbody tr").count()).toBe(7);
    web.store.put(deployment({ id: "dep_new", title: HOSTILE }));
    await page.locator("tbody tr").nth(7).waitFor();
    expect(await page.locator("tbody tr").first().textContent()).toContain(HOSTILE);
    expect(complaints).toEqual([]);
  });
});

describe("the sign-in link", () => {
  it("signs in by being opened, and leaves no code in the address", async () => {
    await server.close(0);
    web = createTestWebApp({ openOnLoopback: false });
    putAll();
    server = await serve();
    const closed = await openPage("/deployments/dep_ok");
    expect(await closed.getByText("Not found").count()).toBeGreaterThan(0);
    const link = await issueSignInLink({
      ...web.deps,
      sessions: web.store.sessions,
      settings: web.deps.sessions,
      baseUrl: server.address,
      clock: createSystemClock(),
    });
    const page = await openPage(new URL(link).pathname + new URL(link).hash);
    await page.waitForURL(`${server.address}/deployments`);
    expect(await page.getByRole("link", { name: /shop to production/ }).count()).toBe(7);
    await page.goBack();
    expect(page.url()).not.toContain("#");
  });
});
