import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { createDecoder, HANDLED_EVENTS } from "../../src/app.ts";
import { createSystemClock } from "../../src/clock.ts";
import { commandCommentOf } from "../../src/handlers/issue-comment.ts";
import type { Decoded } from "../../src/intent.ts";
import { createGitMirror, type GitMirror } from "../../src/source/git-mirror.ts";
import { setUp, takeSent, type Setup } from "../sandbox/github-support.ts";
import { TEST_APP } from "../support/app-key.ts";
import { delivery } from "../support/records.ts";

/** Everything happens in one local GitHub, one thing after the other, with the App as `app.yml` makes it. */
let setup: Setup;
let mirror: GitMirror;
let decode: ReturnType<typeof createDecoder>;

beforeAll(async () => {
  setup = await setUp({ manifest: new URL("../../app.yml", import.meta.url) });
  const { id } = setup.github.app;
  decode = createDecoder({ app: { ...TEST_APP, id }, webhookSecret: "secret" });
  const quiet = (): void => undefined;
  mirror = createGitMirror({
    dir: `${setup.directory}/mirrors`,
    cloneUrl: () => `${setup.github.url}/octo/web.git`,
    token: async () => {
      const auth = await setup.octokit.auth({ type: "installation" });
      return z.object({ token: z.string() }).parse(auth).token;
    },
    clock: createSystemClock(),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
});
afterAll(async () => {
  mirror.close();
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

/** What the deliveries since the last call ask for or tell; those that ask for nothing are left out. */
async function told(): Promise<unknown[]> {
  const all: Decoded[] = [];
  for (const { event, guid, payload } of await takeSent(setup)) {
    if (!HANDLED_EVENTS.some((handled) => handled === event)) continue;
    all.push(...(await decode(delivery({ event, guid, payload: JSON.stringify(payload) }))));
  }
  return all.flatMap((decoded) => {
    if (decoded.kind === "ignored") return [];
    return [decoded.kind === "intent" ? decoded.intent : decoded.sighting];
  });
}

it("tells of tags, and git knows the commit that they name", async () => {
  const { github, name, sha } = setup;
  const repository = { id: 1, owner: "octo", name: "web", installationId: 1 };
  await github.createTag({ ...name, name: "v1.0.0" });
  expect(await told()).toMatchObject([
    { kind: "tag", cause: "push", tag: "v1.0.0", sha, actor: "octo", defaultBranch: "main" },
  ]);
  const { object } = await github.createTag({ ...name, name: "v1.0.1", message: "Annotated" });
  expect(object).not.toBe(sha);
  expect(await told()).toMatchObject([{ kind: "tag", tag: "v1.0.1", sha }]);
  expect(await mirror.resolve(repository, "refs/tags/v1.0.1")).toMatchObject({
    kind: "found",
    sha,
  });
  await github.deleteTag({ ...name, name: "v1.0.1" });
  expect(await told()).toEqual([]);
  expect(await mirror.resolve(repository, "v1.0.1")).toEqual({ kind: "unknown" });
});

it("tells of a release when it is published, and not before", async () => {
  const { github, name } = setup;
  const draft = await github.createRelease({ ...name, tag: "v1.0.0", draft: true });
  expect(await told()).toEqual([]);
  await github.editRelease({ ...name, releaseId: draft.id, draft: false });
  expect(await told()).toMatchObject([
    { kind: "tag", cause: "release", tag: "v1.0.0", sha: null, actor: "octo" },
  ]);
});

it("tells of other people's deployments, and not of Skep's own", async () => {
  const { github, name, octokit, sha } = setup;
  const made = await github.requestDeployment({
    ...name,
    ref: "v1.0.0",
    environment: "production",
  });
  const kind = "github_deployment";
  expect(await told()).toMatchObject([
    { kind, githubDeploymentId: made.id, sha, ref: "v1.0.0", actor: "octo", isBot: false },
  ]);
  const { login } = github.addOtherApp({ owner: "octo", slug: "slack" });
  await github.requestDeployment({ ...name, ref: "main", environment: "production", user: login });
  expect(await told()).toMatchObject([{ kind, actor: login, isBot: true, ref: "main", sha }]);
  await octokit.rest.repos.createDeployment({
    ...name,
    ref: "main",
    environment: "production",
    auto_merge: false,
    required_contexts: [],
    payload: { skep: { deployment: "dep_1" } },
  });
  expect(await told()).toEqual([]);
});

it("tells of pull requests, their heads and their commands, a fork's as such", async () => {
  const { github, name } = setup;
  const repository = { id: 1, owner: "octo", name: "web", installationId: 1 };
  const first = await github.pushFiles({ ...name, branch: "feature", files: { a: "1" } });
  const { number } = await github.openPullRequest({ ...name, head: "feature" });
  expect(await told()).toMatchObject([
    { kind: "push", ref: "refs/heads/feature" },
    { number, headSha: first.sha, isFork: false, isOpen: true },
  ]);
  const second = await github.pushFiles({ ...name, branch: "feature", files: { a: "2" } });
  const comment = github.comment({ ...name, number, body: "/deploy\n/rolback\nThanks" });
  const seen = await takeSent(setup);
  const last = seen.find(({ event }) => event === "issue_comment");
  const payload = JSON.stringify(last?.payload);
  expect(commandCommentOf(delivery({ event: "issue_comment", payload }))).toMatchObject({
    commentId: comment.id,
    number,
    actor: "octo",
  });
  const decoded = await decode(delivery({ event: "issue_comment", payload }));
  expect(decoded).toMatchObject([
    { intent: { kind: "command", line: 1, isPullRequestOpen: true } },
    { intent: { kind: "command", line: 2, asked: { kind: "reply" } } },
  ]);
  expect(await mirror.pullRequestHead(repository, number)).toBe(second.sha);

  await github.forkRepository({ ...name, by: "mona" });
  const away = await github.pushFiles({
    owner: "mona",
    repo: "web",
    branch: "x",
    files: { b: "1" },
  });
  const fork = await github.openPullRequest({ ...name, head: "mona:x" });
  expect(await told()).toMatchObject([
    { number: fork.number, headSha: away.sha, isFork: true, isOpen: true },
  ]);
  expect(await mirror.pullRequestHead(repository, fork.number)).toBe(away.sha);
  const foreign = { kind: "foreign", sha: away.sha };
  expect(await mirror.resolve(repository, away.sha)).toEqual(foreign);
  await github.closePullRequest({ ...name, number: fork.number });
  expect(await told()).toMatchObject([{ number: fork.number, isOpen: false }]);
});

it("ignores comments of programs and on plain issues", async () => {
  const { github, name, octokit } = setup;
  const { number } = github.openIssue({ ...name, title: "Broken" });
  github.comment({ ...name, number, body: "/deploy" });
  expect(await told()).toEqual([]);
  const pulls = await octokit.rest.pulls.list(name);
  const issue_number = pulls.data[0]?.number ?? 0;
  const { data } = await octokit.rest.issues.createComment({
    ...name,
    issue_number,
    body: "/deploy",
  });
  await octokit.rest.reactions.createForIssueComment({
    ...name,
    comment_id: data.id,
    content: "eyes",
  });
  expect(await told()).toEqual([]);
});
