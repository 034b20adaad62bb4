import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { type Setup, setUp } from "./github-support.ts";

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

let browser: Browser;
let setup: Setup;
/** What went wrong in the browser, and what it asked of others. */
let complaints: string[] = [];

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  complaints = [];
  setup = await setUp();
  const { github, name } = setup;
  github.setPermission({ ...name, user: "mona", role: "write" });
  await github.pushFiles({ ...name, branch: "greeting", files: { a: "a" }, user: "mona" });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(setup.github.problems()).toEqual([]);
  expect(complaints).toEqual([]);
  await setup.close();
});

async function openPage(path: string, colorScheme: "light" | "dark" = "light"): Promise<Page> {
  const context = await browser.newContext({ colorScheme });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(setup.github.url)) complaints.push(request.url());
  });
  await page.goto(`${setup.github.url}/octo/web${path}`);
  return page;
}

async function fill(): Promise<number> {
  const { github, name, octokit } = setup;
  const { number, pull } = await github.openPullRequest({
    ...name,
    head: "greeting",
    title: hostile,
    body: hostile,
    user: "mona",
  });
  const { id } = github.comment({ ...name, number, body: `/deploy ${hostile}`, user: "mona" });
  for (const content of ["eyes", "rocket", "+1", "heart"] as const)
    github.react({ ...name, commentId: id, content, user: "octo" });
  await octokit.rest.checks.create({
    ...name,
    name: "skep / production",
    head_sha: pull.headSha,
    conclusion: "failure",
    output: { title: "It failed", summary: hostile },
    actions: [{ label: "Retry", description: "Once more", identifier: "retry" }],
  });
  await github.createRelease({ ...name, tag: "v1.0.0", name: hostile, body: hostile });
  await github.createRelease({ ...name, tag: "v1.1.0", draft: true });
  await github.createTag({ ...name, name: "v0.9.0", message: hostile });
  await github.requestDeployment({ ...name, ref: "v1.0.0", environment: hostile });
  return number;
}

it("lets a person open a pull request, command, merge and release, all by hand", async () => {
  const page = await openPage("");
  await page.getByRole("link", { name: "Pull requests" }).click();
  await page.getByRole("link", { name: "New pull request" }).click();
  await page.getByLabel("from").selectOption("greeting");
  await page.getByLabel("Title").fill("Greet everybody");
  await page.locator("#actor").selectOption("mona");
  await page.getByRole("button", { name: "Open pull request" }).click();
  await page.waitForURL("**/octo/web/pull/1");
  // The account that was chosen last is chosen again.
  expect(await page.locator("#actor").inputValue()).toBe("mona");
  await page.getByLabel("Add a comment").fill("/deploy **staging**");
  await page.getByRole("button", { name: "Comment" }).click();
  await page.locator(".comment strong", { hasText: "staging" }).waitFor();
  expect(setup.github.comments(setup.name)).toMatchObject([
    { author: "mona", body: "/deploy **staging**" },
  ]);
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByText("merged this", { exact: false }).first().waitFor();
  await page.getByRole("link", { name: "Tags and releases" }).click();
  await page.getByRole("link", { name: "New tag or release" }).click();
  await page.getByLabel("tag", { exact: true }).fill("v1.0.0");
  await page.getByLabel("What is new").fill("It **greets**.");
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL("**/octo/web/releases/tag/v1.0.0");
  await page.locator(".release strong", { hasText: "greets" }).waitFor();
  expect(await setup.github.tags(setup.name)).toMatchObject([{ name: "v1.0.0" }]);
  expect(setup.github.releases(setup.name)).toMatchObject([{ author: "mona" }]);
});

it("shows what happens without losing what a person is writing", async () => {
  const number = await fill();
  const page = await openPage(`/pull/${number}`);
  await page.locator("#live[data-on]").waitFor();
  const box = page.getByLabel("Add a comment");
  await box.fill("/rollback v1");
  await page.locator("#actor").selectOption("mona");
  await box.focus();
  await page.keyboard.press("ArrowLeft");
  const { id } = setup.github.comment({ ...setup.name, number, body: "Meanwhile", user: "octo" });
  await page.locator(`#issuecomment-${id}`).waitFor();
  setup.github.react({ ...setup.name, commentId: id, content: "eyes", user: "mona" });
  await page.locator(`#issuecomment-${id} .reaction`).waitFor();
  await page.keyboard.type("!");
  expect(await box.inputValue()).toBe("/rollback v!1");
  expect(await page.locator("#actor").inputValue()).toBe("mona");
});

describe.each(["light", "dark"] as const)("in %s", (scheme) => {
  it("every page shows hostile text as text and can be used by everybody", async () => {
    const number = await fill();
    const found: string[] = [];
    const paths = ["", "/pulls", `/pull/${number}`, "/compare", "/releases", "/releases/new"];
    for (const path of [...paths, "/deployments", "/../../settings/deliveries"]) {
      const page = await openPage(path, scheme);
      expect(await page.title()).not.toBe("owned");
      // The page's own policy lets no script in; this one comes from outside of the page.
      await page.evaluate(axe.source);
      const violations = await page.evaluate<string[]>(
        `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })
           .then(({ violations }) => violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))`,
      );
      found.push(...violations.map((one) => `${path} ${one}`));
      await page.context().close();
    }
    expect(found).toEqual([]);
  });
});
