import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderConversationMarkdown, renderMarkdown } from "../../sandbox/github/pages/markdown.ts";
import { type Setup, setUp } from "./github-support.ts";

let setup: Setup;
let page: (path: string) => Promise<string>;
let runPath: string;
const title = '<script>alert("title")</script>';

beforeAll(async () => {
  setup = await setUp();
  const { octokit, name } = setup;
  page = async (path) => {
    const response = await fetch(setup.github.url + path);
    expect([path, response.status]).toEqual([path, 200]);
    return response.text();
  };
  const { sha } = await setup.github.pushFiles({
    ...name,
    files: { "a.txt": "<b>&" },
    message: title,
  });
  const { data } = await octokit.rest.checks.create({
    ...name,
    name: "skep / production",
    head_sha: sha,
    conclusion: "failure",
    output: {
      title: "Health check failed",
      summary: "| phase | took |\n|---|---|\n| build | **12 s** |\n\n<script>alert(1)</script>",
      annotations: [
        {
          path: "a.txt",
          start_line: 1,
          end_line: 1,
          annotation_level: "failure",
          message: "<i>wrong</i>",
        },
      ],
    },
    actions: [{ label: "Retry", description: "Once more", identifier: "retry" }],
  });
  runPath = `/octo/web/runs/${data.id}`;
  const deployment = await octokit.rest.repos.createDeployment({
    ...name,
    ref: sha,
    environment: "staging",
    auto_merge: false,
    required_contexts: [],
  });
  if (!("id" in deployment.data)) throw new Error("no deployment");
  await octokit.rest.repos.createDeploymentStatus({
    ...name,
    deployment_id: deployment.data.id,
    state: "success",
    log_url: "http://skep.test/log",
    environment_url: "http://staging.test/",
  });
  await setup.github.idle();
  setup.receiver.received.length = 0;
});
afterAll(() => setup.close());

describe("a repository's page", () => {
  it("shows commits with their checks, and environments with their links", async () => {
    const html = await page("/octo/web");
    expect(html).toContain("&lt;script&gt;alert(&quot;title&quot;)&lt;/script&gt;");
    expect(html).toContain(`href="${runPath}"`);
    expect(html).toContain('href="http://skep.test/log"');
    expect(html).toContain('href="http://staging.test/"');
    expect(html).toContain("staging");
  });

  it("loads nothing from elsewhere and runs no script but its own", async () => {
    const response = await fetch(`${setup.github.url}/octo/web`);
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
    const html = await response.text();
    expect(html).not.toMatch(/<script(?! type="module" src="\/_local\/live\.js">)/);
    for (const [, address = ""] of html.matchAll(/(?:src|<link[^>]* href)="([^"]*)"/g)) {
      expect(address).toMatch(/^\//);
    }
  });

  it("is not there for a repository that is not", async () => {
    expect((await fetch(`${setup.github.url}/octo/none`)).status).toBe(404);
  });
});

describe("a check run's page", () => {
  it("renders its Markdown and shows hostile text as text", async () => {
    const html = await page(runPath);
    expect(html).toContain("<strong>12 s</strong>");
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("&lt;i&gt;wrong&lt;/i&gt;");
  });

  it("leads from an annotation to its line", async () => {
    const [, path = ""] =
      /href="(\/octo\/web\/blob\/[0-9a-f]{40}\/a\.txt)#L1"/.exec(await page(runPath)) ?? [];
    expect(await page(path)).toContain('<li id="L1"><code>&lt;b&gt;&amp;</code></li>');
  });

  it("has buttons that reach the App, as the person chosen", async () => {
    setup.github.setPermission({ ...setup.name, user: "mona", role: "write" });
    const press = (what: string, form: Record<string, string>) =>
      fetch(`${setup.github.url}${runPath}/${what}`, {
        method: "POST",
        body: new URLSearchParams(form),
        redirect: "manual",
      });
    expect((await press("actions", { identifier: "retry", user: "mona" })).status).toBe(303);
    expect((await press("rerequest", { user: "octo" })).status).toBe(303);
    expect((await press("actions", { identifier: "destroy" })).status).toBe(409);
    await setup.github.idle();
    expect(setup.receiver.received.map((one) => one.payload)).toMatchObject([
      {
        action: "requested_action",
        requested_action: { identifier: "retry" },
        sender: { login: "mona" },
      },
      { action: "rerequested", sender: { login: "octo" } },
    ]);
  });

  it("refuses a button pressed by another site", async () => {
    const response = await fetch(`${setup.github.url}${runPath}/rerequest`, {
      method: "POST",
      headers: { origin: "http://evil.test" },
      body: new URLSearchParams({ user: "octo" }),
    });
    expect(response.status).toBe(403);
  });
});

it("tells an open page of each change", async () => {
  const stop = new AbortController();
  const response = await fetch(`${setup.github.url}/_local/events`, { signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  setup.github.setPermission({ ...setup.name, user: "lisa", role: "read" });
  expect((await reader?.read())?.value).toContain("data: changed");
  stop.abort();
});

describe("Markdown", () => {
  it.each([
    ["a script", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"],
    ["an event handler", "<details ontoggle=x>", "&lt;details ontoggle=x&gt;"],
    ["a link that is a script", "[a](javascript:x)", "<p>a</p>\n"],
    ["a hidden scheme", "[a](java\tscript:x)", "<p>[a](java\tscript:x)</p>\n"],
    [
      "a picture",
      "![a](http://evil.test/p.png)",
      '<p><a href="http://evil.test/p.png" rel="nofollow noopener">a</a></p>\n',
    ],
    [
      "a quote in an address",
      '[a](<http://x/"onclick=">)',
      '<p><a href="http://x/&quot;onclick=&quot;" rel="nofollow noopener">a</a></p>\n',
    ],
    ["a hidden marker", "<!-- marker -->", ""],
    ["harmless elements", "<details><summary>More</summary>", "<details><summary>More</summary>"],
  ])("keeps %s harmless", (_what, markdown, html) => {
    expect(renderMarkdown(markdown)).toBe(html);
  });

  it("keeps the lines of what people write to each other", () => {
    expect(renderConversationMarkdown("/status\n/help")).toBe("<p>/status<br>/help</p>\n");
    expect(renderMarkdown("one\nparagraph")).toBe("<p>one\nparagraph</p>\n");
  });
});

it("is reached by its own names only, not by a name that a web site points here", async () => {
  const { port } = new URL(setup.github.url);
  const ask = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      get({ port, host: "127.0.0.1", path: "/", headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
  expect(await ask(`localhost:${port}`)).toBe(200);
  expect(await ask(`[::1]:${port}`)).toBe(200);
  expect(await ask("evil.test")).toBe(421);
  expect(await ask("a b")).toBe(421);
});
