import { describe, expect, it } from "vitest";
import { annotations, deployment, failure, operation, phase } from "../support/deployments.ts";
import { logEntry } from "../support/log-entries.ts";
import { createTestWebApp } from "../support/web-app.ts";

const HOSTILE = `<img src=x onerror=alert(1)>"'&</pre></li><script>alert(2)</script>`;

async function pageOf(web: ReturnType<typeof createTestWebApp>, path = "/deployments/dep_12") {
  const response = await web.askAsOperator(path);
  return { status: response.status, html: await response.text() };
}

describe("the page of a deployment", () => {
  it("shows state, commit, phases, plan and log without a script", async () => {
    const web = createTestWebApp();
    web.store.put(
      deployment({
        state: "succeeded",
        finishedAt: 1_767_614_602_000,
        environmentUrl: "https://shop.example.com",
        phases: [phase("build", [200, 9_200], "succeeded", "6 steps, 2 cached")],
        plan: [
          operation({ risks: [{ code: "replicas_lowered", text: "3 tasks become 1" }] }),
          operation({ kind: "keep", target: "network shop_default", changes: [] }),
        ],
      }),
    );
    web.logs.append("dep_12", [logEntry("added 312 packages")]);
    const { html } = await pageOf(web);
    for (const part of [
      'data-state="succeeded">Succeeded<',
      "Add a cart badge",
      'href="https://github.test/acme/shop/commit/3f2a1bc900000000000000000000000000000000"',
      'href="https://shop.example.com/"',
      "6 steps, 2 cached",
      "9.0 s",
      "1 to update",
      "image: a → b",
      "1 risk<",
      "3 tasks become 1",
      "1 network unchanged",
      'id="L1"',
      'href="#L1"',
      "added 312 packages",
    ])
      expect(html).toContain(part);
  });

  it("says what went wrong, with evidence, lines and the next step", async () => {
    const web = createTestWebApp();
    web.store.put(
      deployment({ state: "failed", failure: failure({ annotations: annotations(2) }) }),
    );
    const { html } = await pageOf(web);
    expect(html).toContain("step 4/5 `RUN npm test` exited with code 1");
    expect(html).toContain("not ok 1 - adds a badge</pre>");
    expect(html).toContain("Mend the step and push again.");
    expect(html).toMatch(/blob\/3f2a1bc90+\/\.github\/skep\.yml#L2"/);
  });

  it("escapes whatever came from outside", async () => {
    const web = createTestWebApp();
    web.store.put(
      deployment({
        title: HOSTILE,
        actor: HOSTILE,
        ref: `refs/heads/${HOSTILE}`,
        version: HOSTILE,
        app: HOSTILE,
        environment: HOSTILE,
        environmentUrl: "javascript:alert(1)",
        phases: [phase("build", [0, null], "running", HOSTILE)],
        failure: failure({
          summary: HOSTILE,
          evidence: [HOSTILE],
          nextStep: HOSTILE,
          annotations: [
            { path: HOSTILE, line: 1, level: "failure", title: HOSTILE, message: HOSTILE },
          ],
        }),
        plan: [
          {
            kind: "update",
            target: HOSTILE,
            reason: HOSTILE,
            effect: "none",
            changes: [HOSTILE],
            risks: [{ code: "port_moved", text: HOSTILE }],
          },
        ],
      }),
    );
    web.logs.append("dep_12", [logEntry(HOSTILE, { source: HOSTILE })]);
    for (const path of [
      "/deployments",
      "/deployments/dep_12",
      `/deployments/dep_12?q=${encodeURIComponent(HOSTILE)}`,
    ]) {
      const { html, status } = await pageOf(web, path);
      expect(status).toBe(200);
      expect(html).not.toContain("<img src=x");
      expect(html).not.toContain("<script>");
      expect(html).not.toContain("javascript:");
      expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;");
    }
  });

  it("is not there for an id that is not", async () => {
    const web = createTestWebApp();
    for (const path of ["/deployments/dep_13", "/deployments/..%2f", "/deployments/dep_13/log.txt"])
      expect((await pageOf(web, path)).status).toBe(404);
  });

  it("leads to the deployment that took its place", async () => {
    const web = createTestWebApp();
    web.store.put(deployment({ state: "superseded", supersededBy: "dep_13" }));
    expect((await pageOf(web)).html).toContain('href="/deployments/dep_13"');
  });
});

describe("the log of a page", () => {
  function webWithLines(count: number) {
    const web = createTestWebApp();
    web.store.put(deployment());
    web.logs.append(
      "dep_12",
      Array.from({ length: count }, (_, i) =>
        logEntry(`line number ${i + 1}`, i % 2 ? { stream: "service", phase: "deploy" } : {}),
      ),
    );
    return web;
  }
  function numbersIn(html: string): number[] {
    return [...html.matchAll(/id="L(\d+)"/g)].map(([, number]) => Number(number));
  }

  it("shows the end of a long log, and leads to its beginning", async () => {
    const web = webWithLines(7_000);
    const { html } = await pageOf(web);
    const numbers = numbersIn(html);
    expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([3_000, 4_001, 7_000]);
    expect(html).toContain('href="?from=1"');
    const first = await pageOf(web, "/deployments/dep_12?from=1");
    expect(numbersIn(first.html).at(-1)).toBe(3_000);
    expect(first.html).toContain('href="?from=3001"');
    expect(first.html).toContain('data-live="false"');
  });

  it.each([
    ["?q=number+4", [4, 14, 24, 34, 40, 41, 42]],
    ["?q=LINE+NUMBER+41", [41]],
    ["?stream=service&q=4", [4, 14, 24, 34, 40, 42]],
    ["?phase=build&q=4", [41]],
    ["?q=nothing", []],
    ["?phase=nonsense&stream=nonsense&from=-1&q=number+42", [42]],
  ])("filters without a script: %s", async (query, expected) => {
    const { html } = await pageOf(webWithLines(42), `/deployments/dep_12${query}`);
    expect(numbersIn(html)).toEqual(expected);
  });

  it("comes as text, whole, one line per line", async () => {
    const web = webWithLines(2_500);
    web.logs.append("dep_12", [logEntry("broke", { level: "error" })]);
    const response = await web.askAsOperator("/deployments/dep_12/log.txt");
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="skep-dep_12.log.txt"',
    );
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.length).toBe(2_501);
    expect(lines[0]).toBe("2026-01-05T12:03:10.000Z build build [[2/5] RUN npm ci] line number 1");
    expect(lines.at(-1)).toMatch(/ error: broke$/);
  });
});

describe("the list", () => {
  it("shows the newest first", async () => {
    const web = createTestWebApp();
    expect((await pageOf(web, "/deployments")).html).toContain("Nothing has been deployed yet");
    web.store.put(deployment({ id: "dep_1", number: 1, state: "failed" }));
    web.store.put(deployment({ id: "dep_2", number: 2 }));
    const { html } = await pageOf(web, "/deployments");
    expect(html.indexOf("#2")).toBeLessThan(html.indexOf("#1"));
  });
});

it("a page that breaks says so and tells nothing", async () => {
  const web = createTestWebApp();
  web.store.deployments.list = () => Promise.reject(new Error("password=hunter2"));
  const { status, html } = await pageOf(web, "/deployments");
  expect(status).toBe(500);
  expect(html).toContain("Something broke");
  expect(html).not.toContain("hunter2");
});
