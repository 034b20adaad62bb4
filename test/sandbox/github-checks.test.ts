import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { refusal, type Setup, setUp } from "./github-support.ts";

let setup: Setup;
beforeAll(async () => {
  setup = await setUp();
});
afterEach(() => {
  setup.receiver.received.length = 0;
  setup.github.requests.reset();
});
afterAll(() => setup.close());

const annotation = {
  path: "Dockerfile",
  start_line: 1,
  end_line: 1,
  annotation_level: "failure",
  message: "no such image",
} as const;
const action = { label: "Retry", description: "Try once more", identifier: "retry" };
const output = { title: "Title", summary: "Summary" };

function create(more: object = {}) {
  return setup.octokit.rest.checks.create({
    ...setup.name,
    name: "skep / production",
    head_sha: setup.sha,
    ...more,
  });
}

describe("a check run", () => {
  it("goes from queued to completed, and says so to the App", async () => {
    const { data, status } = await create({ external_id: "d1", details_url: "http://skep/d1" });
    expect(status).toBe(201);
    expect(data).toMatchObject({
      status: "queued",
      conclusion: null,
      external_id: "d1",
      details_url: "http://skep/d1",
      html_url: `${setup.github.url}/octo/web/runs/${data.id}`,
      app: { slug: "wide-app", permissions: { checks: "write" } },
    });
    const { rest } = setup.octokit;
    const run = { ...setup.name, check_run_id: data.id };
    await rest.checks.update({ ...run, status: "in_progress" });
    const done = await rest.checks.update({
      ...run,
      conclusion: "success",
      output,
      actions: [action],
    });
    expect(done.data).toMatchObject({ status: "completed", conclusion: "success", output });
    expect(done.data.completed_at).toMatch(/Z$/);
    expect((await rest.checks.get(run)).data).toEqual(done.data);
    await setup.github.idle();
    expect(setup.receiver.received.map((one) => one.payload.action)).toEqual([
      "created",
      "completed",
    ]);
    expect(setup.github.problems()).toEqual([]);
  });

  it("starts again when its status goes back", async () => {
    const { data } = await create({ conclusion: "failure", output });
    const run = { ...setup.name, check_run_id: data.id };
    const again = await setup.octokit.rest.checks.update({ ...run, status: "in_progress" });
    expect(again.data).toMatchObject({
      status: "in_progress",
      conclusion: null,
      completed_at: null,
    });
  });

  it("collects the annotations of all its updates and lists them in pages", async () => {
    const annotations = Array.from({ length: 50 }, () => annotation);
    const { data } = await create({ output: { ...output, annotations } });
    const run = { ...setup.name, check_run_id: data.id };
    await setup.octokit.rest.checks.update({ ...run, output: { ...output, annotations } });
    const first = await setup.octokit.rest.checks.listAnnotations({ ...run, per_page: 60 });
    expect(first.data).toHaveLength(60);
    expect(first.headers.link).toContain('rel="next"');
    const all = await setup.octokit.paginate(setup.octokit.rest.checks.listAnnotations, {
      ...run,
      per_page: 60,
    });
    expect(all).toHaveLength(100);
    expect(all[0]).toMatchObject({ ...annotation, title: null, start_column: null });
    expect(setup.github.problems()).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      "51 annotations",
      { output: { ...output, annotations: Array(51).fill(annotation) } },
      /maximum quantity of 50/,
    ],
    ["a summary too long", { output: { ...output, summary: "s".repeat(65_536) } }, /65535/],
    [
      "four actions",
      { conclusion: "success", actions: Array(4).fill(action) },
      /maximum quantity of 3/,
    ],
    [
      "a label too long",
      { conclusion: "success", actions: [{ ...action, label: "l".repeat(21) }] },
      /actions\.0\.label/,
    ],
    ["completed without conclusion", { status: "completed" }, /Validation Failed/],
    ["an unknown commit", { head_sha: "f".repeat(40) }, /No commit found for SHA/],
  ])("is refused with %s", async (_what, more, message) => {
    const refused = await refusal(create(more));
    expect(refused.status).toBe(422);
    expect(refused.message).toMatch(message);
  });

  it("is listed for its commit, newest of each name by default", async () => {
    await create({ name: "skep / staging", external_id: "old" });
    await create({ name: "skep / staging", external_id: "new" });
    const list = { ...setup.name, ref: "main", check_name: "skep / staging" };
    const latest = await setup.octokit.rest.checks.listForRef(list);
    expect(latest.data.check_runs.map((one) => one.external_id)).toEqual(["new"]);
    const all = await setup.octokit.rest.checks.listForRef({
      ...list,
      ref: setup.sha,
      filter: "all",
    });
    expect(all.data.check_runs.map((one) => one.external_id)).toEqual(["new", "old"]);
    const suites = await setup.octokit.rest.checks.listSuitesForRef({
      ...setup.name,
      ref: setup.sha,
    });
    expect(suites.data.check_suites).toHaveLength(1);
    expect(setup.github.problems()).toEqual([]);
  });
});

describe("a person on a check run's page", () => {
  it("presses a button, and the App hears which and by whom", async () => {
    const { data } = await create({ conclusion: "failure", output, actions: [action] });
    const use = { ...setup.name, checkRunId: data.id };
    setup.github.setPermission({ ...setup.name, user: "mona", role: "write" });
    setup.github.clickCheckAction({ ...use, identifier: "retry", user: "mona" });
    setup.github.rerequestCheckRun(use);
    await setup.github.idle();
    const [, , clicked, again] = setup.receiver.received.map((one) => one.payload);
    expect(clicked).toMatchObject({
      action: "requested_action",
      requested_action: { identifier: "retry" },
      sender: { login: "mona" },
      check_run: { id: data.id, head_sha: setup.sha },
    });
    expect(again).toMatchObject({ action: "rerequested", sender: { login: "octo" } });
    expect(setup.github.problems()).toEqual([]);
  });

  it("finds no button before the run is completed", async () => {
    const { data } = await create({ status: "in_progress", actions: [action] });
    const use = { ...setup.name, checkRunId: data.id, identifier: "retry" };
    expect(() => setup.github.clickCheckAction(use)).toThrow(/no such button/);
  });
});
