import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Received, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
const hostile = "<script>alert(1)</script>";

beforeEach(async () => {
  setup = await setUp();
  setup.github.setPermission({ ...setup.name, user: "mona", role: "write" });
  setup.github.setPermission({ ...setup.name, user: "rita", role: "read" });
});
afterEach(async () => {
  expect(setup.github.problems()).toEqual([]);
  await setup.close();
});

async function told(): Promise<Received[]> {
  await setup.github.idle();
  return setup.receiver.received.splice(0);
}

async function page(path: string): Promise<string> {
  const response = await fetch(`${setup.github.url}/octo/web${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
}

async function send(path: string, form: Record<string, string>) {
  const response = await fetch(`${setup.github.url}/octo/web${path}`, {
    method: "POST",
    body: new URLSearchParams({ user: "mona", ...form }),
    redirect: "manual",
  });
  const { status } = response;
  return { status, to: response.headers.get("location"), html: await response.text() };
}

const tags = async () => (await setup.github.tags(setup.name)).map((one) => one.name);
const actions = async () =>
  (await told()).filter((one) => one.event === "release").map((one) => one.payload.action);

describe("the form for tags and releases", () => {
  it("publishes a release, which makes its tag", async () => {
    const form = { kind: "release", tag: "v1.0.0", name: hostile, body: `**New** ${hostile}` };
    expect(await send("/releases", form)).toMatchObject({
      status: 303,
      to: "/octo/web/releases/tag/v1.0.0",
    });
    expect(await tags()).toEqual(["v1.0.0"]);
    expect(new Set(await actions())).toEqual(new Set(["created", "published", "released"]));
    for (const path of ["/releases", "/releases/tag/v1.0.0"]) {
      const html = await page(path);
      expect(html).toContain("<strong>New</strong>");
      expect(html).toContain("&lt;script&gt;");
      expect(html).not.toContain("<script>alert");
      expect(html).toMatch(/<span class="pill tone-success">latest</);
    }
  });

  it("keeps a draft until its button publishes it", async () => {
    const { to } = await send("/releases", { kind: "draft", tag: "v1.0.0" });
    const [draft] = setup.github.releases(setup.name);
    expect(to).toBe(`/octo/web/releases/tag/untagged-${draft?.id}`);
    expect(await tags()).toEqual([]);
    expect(await actions()).toEqual(["created"]);
    const published = await send(`/releases/${draft?.id}/publish`, {});
    expect(published.to).toBe("/octo/web/releases/tag/v1.0.0");
    expect(new Set(await actions())).toEqual(new Set(["published", "released"]));
  });

  it("makes a prerelease at a commit, and a bare tag, annotated when there is a message", async () => {
    await setup.github.pushFiles({ ...setup.name, files: { a: "a" } });
    const target = setup.sha;
    await send("/releases", { kind: "prerelease", tag: "v1.0.0-rc.1", target });
    await send("/releases", { kind: "tag", tag: "light" });
    await send("/releases", { kind: "tag", tag: "heavy", body: "Because" });
    expect(setup.github.releases(setup.name)).toMatchObject([{ isPrerelease: true }]);
    const found = new Map(
      (await setup.github.tags(setup.name)).map((one) => [one.name, one] as const),
    );
    expect(found.get("v1.0.0-rc.1")?.commit).toBe(setup.sha);
    expect(found.get("light")?.message).toBeUndefined();
    expect(found.get("heavy")?.message).toBe("Because");
    expect(await page("")).toContain('<span class="pill ref">heavy</span>');
  });

  it("deletes a release and a tag", async () => {
    await setup.github.createRelease({ ...setup.name, tag: "v1.0.0" });
    const [release] = setup.github.releases(setup.name);
    await send(`/releases/${release?.id}/delete`, {});
    expect(await tags()).toEqual(["v1.0.0"]);
    await send("/tags/delete", { name: "v1.0.0" });
    expect(await tags()).toEqual([]);
    expect(setup.github.releases(setup.name)).toEqual([]);
  });

  it("refuses who may only read, a bad name, and what is not there", async () => {
    const refused = [
      await send("/releases", { kind: "release", tag: "v1", user: "rita" }),
      await send("/tags/delete", { name: "v1", user: "rita" }),
      await send("/releases", { kind: "tag", tag: "--upload-pack=x" }),
      await send("/releases", { kind: "release", tag: "../../x" }),
      await send("/releases", { kind: "release", tag: "v1", target: hostile }),
      await send("/releases/9/publish", {}),
    ];
    expect(refused.map((one) => one.status)).toEqual([409, 409, 409, 409, 409, 409]);
    expect(refused[0]?.html).toContain("rita has the role &quot;read&quot;");
    expect(refused[4]?.html).not.toContain(hostile);
    expect(await tags()).toEqual([]);
    const response = await fetch(`${setup.github.url}/octo/web/releases/tag/none`);
    expect(response.status).toBe(404);
  });
});

describe("the deployments page", () => {
  it("asks for a deployment as the account chosen, and shows who asked for what", async () => {
    await setup.github.createTag({ ...setup.name, name: "v1.0.0" });
    await told();
    const form = { ref: "v1.0.0", environment: "<b>staging</b>" };
    expect((await send("/deployments", form)).to).toBe("/octo/web/deployments");
    expect((await told())[0]?.payload).toMatchObject({
      deployment: {
        ref: "v1.0.0",
        environment: "<b>staging</b>",
        creator: { login: "mona" },
        performed_via_github_app: null,
      },
    });
    const html = await page("/deployments");
    expect(html).toContain("&lt;b&gt;staging&lt;/b&gt;");
    expect(html).toContain('<span class="pill ref">v1.0.0</span>');
    expect(html).toContain("by mona");
  });

  it("refuses who may only read", async () => {
    const { status } = await send("/deployments", { environment: "production", user: "rita" });
    expect(status).toBe(409);
    expect(setup.github.deployments(setup.name)).toEqual([]);
  });
});

describe("the people of a repository", () => {
  it("get roles by a form, also somebody new, and lose them again", async () => {
    await send("/people", { login: "nina", role: "triage" });
    const html = await page("");
    expect(html).toMatch(/nina\s*<span class="pill">triage</);
    expect(html).toMatch(/git clone http:\/\/nina:ghp_[0-9a-f]+@/);
    await send("/people", { login: "nina", role: "" });
    expect(await page("")).not.toContain('id="person-nina"');
    expect((await send("/people", { login: "octo", role: "read" })).status).toBe(409);
    expect((await send("/people", { login: "<b>", role: "read" })).html).not.toContain("<b>");
  });

  it("fork it", async () => {
    const { to } = await send("/fork", { login: "nina" });
    expect(to).toBe("/nina/web");
    const response = await fetch(`${setup.github.url}/nina/web`);
    expect(await response.text()).toContain('<a href="/octo/web">octo/web</a>');
    expect((await send("/fork", { login: "nina" })).status).toBe(409);
  });
});
