import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startLocalGitHub } from "../../sandbox/github/local-github.ts";
import { type Received, refusal, type Setup, setUp, wideManifest } from "./github-support.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp();
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

async function told(): Promise<Received[]> {
  await setup.github.idle();
  return setup.receiver.received.splice(0);
}

/** What happened to releases, such as `published v1.0.0`. */
async function news(): Promise<string[]> {
  return (await told())
    .filter((one) => one.event === "release")
    .flatMap(({ payload: { action } }) => (typeof action === "string" ? [action] : []))
    .sort();
}

const first = { tag: "v1.0.0", name: "One", body: "It **works**." };

describe("a release", () => {
  it("of a tag that is not there makes it, and tells of both", async () => {
    const { id } = await setup.github.createRelease({ ...setup.name, ...first, user: "mona" });
    const received = await told();
    expect(received.map((one) => one.event).sort()).toEqual([
      "create",
      "push",
      "release",
      "release",
      "release",
    ]);
    expect(received.find((one) => one.event === "push")?.payload).toMatchObject({
      ref: "refs/tags/v1.0.0",
      after: setup.sha,
      sender: { login: "mona" },
    });
    const published = received.find((one) => one.payload.action === "published");
    expect(published?.payload).toMatchObject({
      release: {
        id,
        tag_name: "v1.0.0",
        target_commitish: "main",
        name: "One",
        body: "It **works**.",
        draft: false,
        prerelease: false,
        author: { login: "mona" },
        html_url: `${setup.github.url}/octo/web/releases/tag/v1.0.0`,
      },
      sender: { login: "mona" },
    });
  });

  it("of a tag that is there leaves it alone", async () => {
    await setup.github.createTag({ ...setup.name, name: "v1.0.0", message: "Annotated" });
    await setup.github.pushFiles({ ...setup.name, files: { a: "a" } });
    await told();
    await setup.github.createRelease({ ...setup.name, ...first });
    expect(await news()).toEqual(["created", "published", "released"]);
    expect(await setup.github.tags(setup.name)).toMatchObject([{ commit: setup.sha }]);
  });

  it("tags the commit that its target names", async () => {
    await setup.github.pushFiles({ ...setup.name, files: { a: "a" } });
    await setup.github.createRelease({ ...setup.name, ...first, target: setup.sha });
    expect(await setup.github.tags(setup.name)).toMatchObject([
      { name: "v1.0.0", commit: setup.sha },
    ]);
  });

  it("that is a prerelease says so instead", async () => {
    const { id } = await setup.github.createRelease({ ...setup.name, ...first, prerelease: true });
    expect(await news()).toEqual(["created", "prereleased", "published"]);
    await setup.github.editRelease({ ...setup.name, releaseId: id, prerelease: false });
    expect(await news()).toEqual(["edited", "released"]);
  });

  it("that is a draft makes no tag until it is published", async () => {
    const { id } = await setup.github.createRelease({ ...setup.name, ...first, draft: true });
    expect((await told()).map((one) => [one.event, one.payload.action])).toEqual([
      ["release", "created"],
    ]);
    expect(await setup.github.tags(setup.name)).toEqual([]);
    await setup.github.editRelease({ ...setup.name, releaseId: id, draft: false });
    const received = await told();
    expect(received.map((one) => one.event).sort()).toEqual([
      "create",
      "push",
      "release",
      "release",
    ]);
    const actions = received.flatMap(({ payload: { action } }) =>
      typeof action === "string" ? [action] : [],
    );
    expect(actions.sort()).toEqual(["published", "released"]);
    await setup.github.editRelease({ ...setup.name, releaseId: id, draft: true });
    expect(await news()).toEqual(["unpublished"]);
  });

  it("tells what was edited, and that it was deleted; the tag stays", async () => {
    const { id } = await setup.github.createRelease({ ...setup.name, ...first });
    await told();
    await setup.github.editRelease({ ...setup.name, releaseId: id, name: "Uno", body: "Si." });
    const [edited] = await told();
    expect(edited?.payload).toMatchObject({
      action: "edited",
      changes: { name: { from: "One" }, body: { from: "It **works**." } },
      release: { name: "Uno" },
    });
    setup.github.deleteRelease({ ...setup.name, releaseId: id });
    expect(await news()).toEqual(["deleted"]);
    expect(setup.github.releases(setup.name)).toEqual([]);
    expect(await setup.github.tags(setup.name)).toHaveLength(1);
  });

  it("is refused without a commit to tag, with a bad tag, and when the tag has one already", async () => {
    const make = (more: object) => setup.github.createRelease({ ...setup.name, ...first, ...more });
    await expect(make({ target: "nowhere" })).rejects.toThrow(/neither such a tag nor a commit/);
    await expect(make({ tag: "a..b" })).rejects.toThrow(/naming a tag "a\.\.b"/);
    await make({});
    await expect(make({})).rejects.toThrow(/this tag has a release already/);
    expect(setup.github.releases(setup.name)).toHaveLength(1);
  });
});

it("is still there when the server starts again, and so are other Apps with their tokens", async () => {
  await setup.github.createRelease({ ...setup.name, ...first });
  const { token } = setup.github.addOtherApp({ owner: "octo", slug: "github-actions" });
  await setup.github.idle();
  await setup.github.close();
  const directory = join(setup.directory, "github");
  const again = await startLocalGitHub({ directory, manifest: wideManifest });
  try {
    expect(again.releases(setup.name)).toMatchObject([{ tag: "v1.0.0", name: "One" }]);
    const response = await fetch(`${again.apiUrl}/repos/octo/web/releases/latest`, {
      headers: { authorization: `token ${token}` },
    });
    expect(await response.json()).toMatchObject({ tag_name: "v1.0.0" });
  } finally {
    await again.close();
  }
});

describe("the API", () => {
  it("lists releases, drafts only for those who may write, and finds one by its tag", async () => {
    const { github, name, octokit } = setup;
    await github.createRelease({ ...name, ...first });
    await github.createRelease({ ...name, tag: "v2.0.0", draft: true });
    const { data } = await octokit.rest.repos.listReleases(name);
    expect(data.map((one) => one.tag_name)).toEqual(["v2.0.0", "v1.0.0"]);
    const { token } = github.addUser({ login: "lisa" });
    github.setPermission({ ...name, user: "lisa", role: "read" });
    const response = await fetch(`${github.apiUrl}/repos/octo/web/releases`, {
      headers: { authorization: `token ${token}` },
    });
    expect(await response.json()).toMatchObject([{ tag_name: "v1.0.0" }]);
    const byTag = (tag: string) => octokit.rest.repos.getReleaseByTag({ ...name, tag });
    expect((await byTag("v1.0.0")).data.name).toBe("One");
    expect((await refusal(byTag("v2.0.0"))).status).toBe(404);
  });

  it("calls the newest commit's release the latest, drafts and prereleases left out", async () => {
    const { github, name, octokit } = setup;
    const latest = () => octokit.rest.repos.getLatestRelease(name);
    expect((await refusal(latest())).status).toBe(404);
    await github.createRelease({ ...name, tag: "v1.0.0" });
    await github.createRelease({ ...name, tag: "v1.1.0" });
    await github.createRelease({ ...name, tag: "v2.0.0-rc.1", prerelease: true });
    await github.createRelease({ ...name, tag: "v3.0.0", draft: true });
    expect((await latest()).data.tag_name).toBe("v1.1.0");
  });
});
