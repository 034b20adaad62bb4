import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { renderMarkdown } from "../../sandbox/github/pages/markdown.ts";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { openPull, person, pullOf } from "../support/product-pull.ts";
import { waitUntil } from "../support/wait-until.ts";
import { quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";

let product: Product;
let app: App;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  product.github.setDeliveryMode({});
  product.github.clearFaults();
  await app.remove();
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

const TWO = "environments:\n  production: {}\n  staging: { deploy_on: {} }\n";

/** An app whose first commit runs in production, and whose staging is deployed on command only. */
async function openApp(name: string): Promise<App> {
  app = await product.app(name, name);
  const files = { Dockerfile: webDockerfile("one"), ".github/skep.yml": `${quickConfig()}${TWO}` };
  await app.finished(await app.push(files));
  return app;
}

describe("/deploy", () => {
  test("deploys the pull request's head, reports it there, and asks little of GitHub", async () => {
    await openApp("deploy-head");
    const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
    await product.github.idle();
    product.github.requests.reset();
    const comment = pull.comment("/deploy staging");
    expect(await pull.ended(comment)).toBe("rocket");
    const body = await pull.untilStatus(/staging/);
    expect(body).toContain(pull.sha.slice(0, 7));
    expect(await app.service("deploy-head-staging_deploy-head")).not.toBeNull();
    const run = await app.finished(pull.sha);
    expect(run).toMatchObject({ name: "skep / staging", conclusion: "success" });
    expect(run.summary).toMatch(new RegExp(`#${pull.number}`));
    const requests = product.github.requests.find({ kind: "api" });
    const asked = requests.map(({ operationId }) => operationId ?? "");
    // A push deployment takes six, a token among them.
    expect(asked.length, asked.join(", ")).toBeLessThanOrEqual(12);
    expect(asked.filter((one) => one === "reactions/create-for-issue-comment")).toHaveLength(2);
  });

  test("by a reader is refused with the rule and the code, once, and touches nothing", async () => {
    await openApp("deploy-reader");
    const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
    const reader = person(product, app, "rita", "read");
    expect(await pull.ended(pull.comment("/deploy staging", reader))).toBe("-1");
    const body = await pull.untilStatus(/not_authorized/);
    expect(body).toMatch(/write access/);
    const again = pull.comment("please\n\n/deploy staging", reader);
    expect(await pull.ended(again)).toBe("-1");
    expect((await pull.untilStatus(/not_authorized/)).match(/not_authorized/g)).toHaveLength(1);
    expect(app.records()).toHaveLength(1);
  });

  test("of a fork's head is refused, whoever asks; so is a commit that only a fork has", async () => {
    await openApp("deploy-fork");
    const repo = { owner: app.owner, repo: app.name };
    product.github.addUser({ login: "mallory" });
    const fork = await product.github.forkRepository({ ...repo, by: "mallory" });
    const { sha } = await product.github.pushFiles({
      owner: fork.owner,
      repo: fork.name,
      files: { Dockerfile: webDockerfile("evil") },
      branch: "evil",
      user: "mallory",
    });
    const opened = await product.github.openPullRequest({
      ...repo,
      head: "mallory:evil",
      user: "mallory",
    });
    const pull = pullOf(product, app, { number: opened.number, sha });
    expect(await pull.ended(pull.comment("/deploy staging"))).toBe("-1");
    await pull.untilStatus(/fork_refused/);
    expect(await pull.ended(pull.comment(`/deploy staging at ${sha}`))).toBe("-1");
    await pull.untilStatus(/commit_not_in_repository/);
    expect(app.records()).toHaveLength(1);
  });

  test("of a head that moved after the comment is refused with both commits, and offers the new one", async () => {
    await openApp("deploy-moved");
    const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
    await product.github.idle();
    product.github.setDeliveryMode({ events: ["issue_comment"], hold: true });
    const comment = pull.comment("/deploy staging");
    const moved = await app.push({ Dockerfile: webDockerfile("three") }, { branch: "topic" });
    product.github.setDeliveryMode({});
    product.github.releaseDeliveries();
    expect(await pull.ended(comment)).toBe("-1");
    const body = await pull.untilStatus(/ref_changed/);
    expect(body).toContain(pull.sha);
    expect(body).toContain(`/deploy staging at ${moved}`);
    expect(app.records()).toHaveLength(1);
    expect(await pull.ended(pull.comment(`/deploy staging at ${moved}`))).toBe("rocket");
  });

  test("of a head that moves while the deployment waits for its turn is refused at the start", async () => {
    await openApp("deploy-late");
    const slow = `${webDockerfile("slow")}RUN sleep 4\n`;
    const pull = await openPull(product, app, { Dockerfile: slow });
    const first = pull.comment("/deploy staging");
    await waitUntil("the first one runs", () =>
      app
        .records()
        .some(({ environment, state }) => environment === "staging" && state === "running"),
    );
    const second = pull.comment("/deploy staging");
    await waitUntil("the second one is queued", () =>
      app.records().some(({ state }) => state === "queued"),
    );
    const moved = await app.push({ Dockerfile: webDockerfile("three") }, { branch: "topic" });
    expect(await pull.ended(first)).toBe("rocket");
    expect(await pull.ended(second)).toBe("-1");
    const body = await pull.untilStatus(/ref_changed/);
    expect(body).toContain(pull.sha);
    expect(body).toContain(moved);
    expect(app.records().at(-1)).toMatchObject({ state: "refused" });
  });

  test("is not taken from a bot, an edit, a code block, a plain issue or a closed pull request", async () => {
    await openApp("deploy-not");
    const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
    const repo = { owner: app.owner, repo: app.name };
    const silent = [
      pull.comment("/deploy staging", "renovate[bot]"),
      pull.comment("like this:\n\n```\n/deploy staging\n```\n\n> /deploy staging\n\n`/deploy`"),
    ];
    const harmless = pull.comment("nothing to see");
    product.github.editComment({ ...repo, commentId: harmless, body: "/deploy staging" });
    const issue = product.github.openIssue(repo);
    product.github.comment({ ...repo, number: issue.number, body: "/deploy staging" });
    await product.github.closePullRequest({ ...repo, number: pull.number });
    const closed = pull.comment("/deploy staging");
    expect(await pull.ended(closed)).toBe("-1");
    await pull.untilStatus(/pull_request_closed/);
    for (const comment of [...silent, harmless]) expect(pull.reactions(comment)).toEqual([]);
    expect(product.github.comments({ ...repo, number: issue.number })).toHaveLength(1);
    expect(app.records()).toHaveLength(1);
  });

  test("with names made to harm is refused and never shown live", async () => {
    await openApp("deploy-hostile");
    const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
    for (const name of [
      "--upload-pack=touch${IFS}/tmp/owned",
      "../../etc/passwd",
      "@everyone",
      "`id`<img/src=x>",
    ]) {
      expect(await pull.ended(pull.comment(`/deploy staging at ${name}`))).toBe("-1");
    }
    const shown = renderMarkdown(pull.status()?.body ?? "");
    expect(shown.replaceAll(/<code>[^<]*<\/code>/gu, "")).not.toMatch(/@everyone|img|etc\/passwd/u);
    expect(app.records()).toHaveLength(1);
  });

  test("names an environment when there are several, and says which there are when it is none", async () => {
    await openApp("deploy-where");
    const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
    expect(await pull.ended(pull.comment("/deploy"))).toBe("-1");
    expect(await pull.untilStatus(/environment_ambiguous/)).toContain("/deploy staging");
    expect(await pull.ended(pull.comment("/deploy stagin"))).toBe("-1");
    expect(await pull.untilStatus(/environment_unknown/)).toContain("/deploy staging");
    expect(await pull.ended(pull.comment("/depoly staging"))).toBe("-1");
    expect(await pull.untilStatus(/unknown_command/)).toContain("/deploy staging");
  });

  test("of a commit whose configuration is wrong is refused, with the lines", async () => {
    await openApp("deploy-config");
    const config = `${quickConfig()}  restrat: always\n${TWO}`;
    const pull = await openPull(product, app, { ".github/skep.yml": config });
    expect(await pull.ended(pull.comment("/deploy staging"))).toBe("-1");
    await pull.untilStatus(/config_invalid/);
    const run = await app.finished(pull.sha);
    expect(run).toMatchObject({ name: "skep / staging", conclusion: "failure" });
    expect(run.annotations).not.toEqual([]);
  });
});

test("/cancel stops a build, and /retry runs it again", async () => {
  await openApp("cancel");
  const slow = `${webDockerfile("slow")}RUN sleep 20\n`;
  const pull = await openPull(product, app, { Dockerfile: slow });
  const deploy = pull.comment("/deploy staging");
  await waitUntil("it builds", () => app.records().some(({ phase }) => phase === "build"));
  const cancel = pull.comment("/cancel staging");
  expect(await pull.ended(cancel)).toBe("+1");
  expect(await pull.ended(deploy)).toBe("-1");
  expect(app.records().at(-1)).toMatchObject({
    state: "cancelled",
    failure: { code: "cancelled_by_user" },
  });
  expect((await app.finished(pull.sha)).conclusion).toBe("cancelled");
  expect(await pull.ended(pull.comment("/cancel staging"))).toBe("-1");
  await pull.untilStatus(/nothing_to_cancel/);
  const retry = pull.comment("/retry staging");
  expect(await pull.ended(retry, 90_000)).toBe("rocket");
});

test("/status, /history and /help answer in the one comment", async () => {
  await openApp("show");
  const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
  expect(await pull.ended(pull.comment("/status\n/history production\n/help"))).toBe("+1");
  const body = await pull.untilStatus(/\/rollback/);
  expect(body).toContain("production");
  expect(body).toContain("staging");
  expect(pull.status()).not.toBeNull();
});

test("two commands at once are carried out one after the other, in their order", async () => {
  await openApp("two-commands");
  const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
  const [first, second] = [pull.comment("/deploy staging"), pull.comment("/deploy production")];
  expect(await pull.ended(first)).toBe("rocket");
  expect(await pull.ended(second)).toBe("rocket");
  const both = pull.comment("/rollback production\n/resume production");
  expect(await pull.ended(both)).toBe("rocket");
  expect(app.records().at(-1)).toMatchObject({ kind: "rollback", environment: "production" });
  const next = await app.push(webFiles("three"));
  expect((await app.finished(next, { count: 1 })).conclusion).toBe("success");
});

test("a comment that arrives twice, late, acts once", async () => {
  await openApp("twice");
  const pull = await openPull(product, app, { Dockerfile: webDockerfile("two") });
  await product.github.idle();
  product.github.setDeliveryMode({ events: ["issue_comment"], duplicate: true, lateMs: 500 });
  expect(await pull.ended(pull.comment("/deploy staging"))).toBe("rocket");
  await product.github.idle();
  expect(app.records()).toHaveLength(2);
});
