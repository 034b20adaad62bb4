import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SkepError } from "../../../src/errors.ts";
import type { RollBackIntent } from "../../../src/intent.ts";
import type { Store } from "../../../src/store/ports.ts";
import { openSqliteStore } from "../../../src/store/sqlite-store.ts";
import { createCommandWorld, LANE, MAIN, type CommandWorld } from "../../support/command-world.ts";
import { commandIntent, release } from "../../support/command-facts.ts";
import { REPOSITORY, sha } from "../../support/records.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };

let dir: TempDir;
let store: Store;
let world: CommandWorld;

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  world = createCommandWorld(store);
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

const newest = async () => {
  const [found] = await store.deployments.list({ lane: LANE, limit: 1 });
  return found ?? null;
};
const environment = () => store.catalog.environment(KEY);
const running = async () => {
  const id = (await environment())?.desiredReleaseId;
  return id ? (await store.catalog.release(id))?.version : null;
};
/** Deploys tags one after the other, each of a commit of its own. */
async function ship(...versions: readonly string[]): Promise<void> {
  for (const version of versions) {
    const commit = sha(version.at(-1) ?? "0");
    world.refs.set(`refs/tags/${version}`, commit);
    await world.deploy({
      version,
      sha: commit,
      ref: `refs/tags/${version}`,
      title: `Cut ${version}`,
    });
    await world.end("succeeded");
  }
}
const refused = (code: string, rest: object = {}) =>
  expect.objectContaining({ kind: "refused", code, ...rest });
const made = expect.objectContaining({ kind: "deployment" });

describe("strangers", () => {
  it("are told once, whatever they ask, and nothing but their role is looked up", async () => {
    world.roles.set("eve", "read");
    const body = "/deploy\n/rollback v1\n/deplyo";
    expect(await world.say(body, { actor: "eve" })).toEqual([
      refused("not_authorized", { message: "deploying needs write access; eve has read" }),
      { kind: "unanswered" },
    ]);
    expect(await world.say("/deploy", { actor: "EVE" })).toEqual([{ kind: "unanswered" }]);
    expect(await world.say("/cancel", { actor: "mallory" })).toEqual([refused("not_authorized")]);
    expect(world.asked.filter((asked) => !asked.startsWith("role of "))).toEqual([]);
    expect(await newest()).toBe(null);
  });

  it("are not told again however often they ask", async () => {
    const answers = [];
    for (let n = 0; n < 52; n++) answers.push(...(await world.say("/deploy", { actor: "eve" })));
    expect(answers.filter(({ kind }) => kind === "refused")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === "unanswered")).toHaveLength(51);
  });

  it("of one pull request are told on another, also where nobody was seen to comment", async () => {
    await world.say("/deploy", { actor: "eve" });
    const comment = { ...commandIntent("/deploy").comment, number: 6, actor: "eve" };
    const verdict = await world.decide(commandIntent("/deploy", { actor: "eve", comment }));
    expect(verdict.answer).toMatchObject({ kind: "refused", code: "not_authorized" });
  });

  it("are nobody while GitHub does not tell their role: nothing is done", async () => {
    world.roleFailures.push(
      new SkepError("github_unavailable", "asking: it is away", { retryable: true }),
    );
    await expect(world.decide(commandIntent("/rollback"))).rejects.toMatchObject({
      code: "github_unavailable",
      retryable: true,
    });
  });

  it("who may triage are shown things, and deploy nothing", async () => {
    world.roles.set("tri", "triage");
    expect(await world.say("/status\n/history\n/help\n/deploy", { actor: "tri" })).toEqual([
      { kind: "shown", what: "status", environment: null },
      { kind: "shown", what: "history", environment: null },
      { kind: "shown", what: "help", environment: null },
      refused("not_authorized"),
    ]);
  });
});

describe("/deploy of a pull request's head", () => {
  it("deploys the commit that was its head before, with the policy of the default branch", async () => {
    await world.see({ headSha: sha("a") });
    world.configs.set(MAIN, "environments: { production: { stack_name: live } }\n");
    world.configs.set(sha("a"), "environments: { production: { stack_name: mine } }\n");
    expect(await world.say("/deploy")).toEqual([made]);
    expect(await newest()).toMatchObject({
      sha: sha("a"),
      ref: "refs/pull/5/head",
      version: "aaaaaaa",
      headOf: 5,
      title: "by its SHA",
      origin: { kind: "comment", pullRequest: 5 },
      stackName: "live",
      policySha: MAIN,
      state: "queued",
    });
  });

  it("is refused with both commits when the head has moved, and again with what to write", async () => {
    await world.see({ headSha: sha("b") });
    const [answer] = await world.say("/deploy production");
    const suggestion = `/deploy production at ${sha("a")}`;
    expect(answer).toEqual(refused("ref_changed", { suggestion }));
    expect(answer).toMatchObject({ message: expect.stringContaining(sha("b")) });
    expect(await world.say(suggestion)).toEqual([made]);
    expect(await newest()).toMatchObject({ sha: sha("a"), headOf: null, ref: sha("a") });
  });

  it("is refused when the head was seen first after the comment", async () => {
    await world.see({ headSha: sha("a"), at: Date.UTC(2026, 0, 5, 11, 0, 1) });
    const suggestion = `/deploy production at ${sha("a")}`;
    expect(await world.say("/deploy")).toEqual([refused("head_unknown", { suggestion })]);
  });

  it("suggests no commit of a fork when the head is not known", async () => {
    world.heads.set(5, sha("e"));
    world.foreign.add(sha("e"));
    expect(await world.say("/deploy")).toEqual([refused("head_unknown", { suggestion: null })]);
  });

  it("of a fork is refused to everybody, and not even asked for", async () => {
    await world.see({ isFork: true, headSha: sha("e") });
    world.heads.set(5, sha("e"));
    world.foreign.add(sha("e"));
    world.roles.set("root", "admin");
    expect(await world.say("/deploy", { actor: "root" })).toEqual([refused("fork_refused")]);
    for (const name of [sha("e"), "eeeeeee"]) {
      const said = await world.say(`/deploy at ${name}`, { actor: "root" });
      expect(said).toEqual([refused("commit_not_in_repository")]);
    }
    expect(world.asked).not.toContain("head of 5");
    expect(await newest()).toBe(null);
  });

  it("that is closed is refused, but commits of the repository are not", async () => {
    await world.see({ headSha: sha("a") });
    const closed = { isPullRequestOpen: false };
    expect(await world.say("/deploy", closed)).toEqual([refused("pull_request_closed")]);
    expect(await world.say("/deploy at main", closed)).toEqual([made]);
    expect(await newest()).toMatchObject({ sha: MAIN, ref: "refs/heads/main", headOf: null });
  });

  it("refuses its configuration with problems on the record of the environment", async () => {
    await world.see({ headSha: sha("a") });
    world.configs.set(sha("a"), "paths: web\n");
    expect(await world.say("/deploy")).toEqual([made]);
    expect(await newest()).toMatchObject({
      state: "refused",
      app: "shop",
      failure: { code: "config_invalid", annotations: [{ line: 1 }] },
    });
  });

  it("refuses a stack that another environment owns on the record", async () => {
    await world.see({ headSha: sha("a") });
    await store.catalog.claimStack("shop-production", { ...KEY, repositoryId: 8 });
    expect(await world.say("/deploy")).toEqual([made]);
    expect(await newest()).toMatchObject({
      state: "refused",
      failure: { code: "stack_not_owned" },
    });
  });

  it("waits for a default branch that is not there", async () => {
    world.refs.delete("refs/heads/main");
    await expect(world.decide(commandIntent("/deploy"))).rejects.toMatchObject({
      code: "source_not_found",
    });
  });
});

describe("/deploy of a name", () => {
  it.each([
    ["../..", "ref_unknown"],
    ["v9", "ref_unknown"],
    ["refs/pull/5/head", "ref_unknown"],
    ["HEAD", "ref_unknown"],
    ["twice", "ref_ambiguous"],
  ])("%s is refused", async (name, code) => {
    world.refs.set("refs/heads/twice", sha("a")).set("refs/tags/twice", sha("b"));
    world.refs.set("refs/pull/5/head", sha("e"));
    expect(await world.say(`/deploy at ${name}`)).toEqual([refused(code)]);
    expect(await newest()).toBe(null);
  });

  it("that is a flag of git is not even a command", async () => {
    expect(await world.say("/deploy at --upload-pack=x")).toEqual([refused("command_invalid")]);
    expect(world.asked).toEqual(["role of ana"]);
  });

  it("deploys a tag as its version", async () => {
    world.refs.set("refs/tags/v2", sha("2"));
    await world.say("/deploy production at v2");
    expect(await newest()).toMatchObject({ version: "v2", ref: "refs/tags/v2", headOf: null });
  });

  it("needs an environment that there is", async () => {
    world.configs.set(MAIN, "environments: { production: {}, staging: {} }\n");
    expect(await world.say("/deploy at main")).toEqual([refused("environment_ambiguous")]);
    expect(await world.say("/deploy prod at main")).toEqual([refused("environment_unknown")]);
    expect(await world.say("/deploy staging at main")).toEqual([made]);
  });
});

describe("/rollback", () => {
  it("goes back to a version, holds, and /resume lets go what waited", async () => {
    await ship("v1.0.0", "v1.0.1", "v1.0.2", "v1.0.3");
    const kept = (await store.deployments.list({ lane: LANE, limit: 9 })).find(
      ({ version }) => version === "v1.0.1",
    );
    expect(await world.say("/rollback v1.0.1", { isPullRequestOpen: false })).toEqual([made]);
    expect(await newest()).toMatchObject({
      kind: "rollback",
      releaseId: kept?.releaseId,
      version: "v1.0.1",
      title: "Cut v1.0.1",
      ref: "refs/tags/v1.0.1",
      sha: sha("1"),
      policySha: MAIN,
    });
    const hold = (await environment())?.hold ?? null;
    expect(hold).toMatchObject({ by: "ana", version: "v1.0.1" });
    await world.end("succeeded");
    expect(await running()).toBe("v1.0.1");
    const waiting = await world.deploy({ state: "waiting", waitingFor: hold, version: "abc1234" });
    expect(await world.say("/resume")).toEqual([
      {
        kind: "done",
        message: `production takes automatic deployments again; #${waiting.number} (abc1234) was waiting and goes on.`,
      },
    ]);
    expect(await store.deployments.get(waiting.id)).toMatchObject({ state: "queued" });
    expect(await environment()).toMatchObject({ hold: null });
    expect(await world.say("/resume")).toEqual([refused("not_held")]);
  });

  it("goes further back each time, and not back to what it fled from", async () => {
    await ship("v1", "v2", "v3");
    for (const expected of ["v2", "v1"]) {
      expect(await world.say("/rollback")).toEqual([made]);
      await world.end("succeeded");
      expect(await running()).toBe(expected);
    }
    expect(await world.say("/rollback")).toEqual([refused("nothing_to_roll_back")]);
  });

  it("said twice at once goes back once", async () => {
    await ship("v1", "v2", "v3");
    expect(await world.say("/rollback\n/rollback")).toEqual([made, made]);
    await world.begin();
    expect(await world.say("/rollback")).toEqual([made]);
    await world.end("succeeded");
    await world.end("succeeded");
    expect(await running()).toBe("v2");
  });

  it("while a deployment is on its way leads to what it replaces", async () => {
    await ship("v1", "v2");
    await world.deploy({ version: "v3", sha: sha("3") });
    await world.begin();
    expect(await world.say("/rollback")).toEqual([made]);
    expect(await newest()).toMatchObject({ version: "v2", state: "queued" });
  });

  it("helps where going back failed", async () => {
    await ship("v1", "v2");
    await world.deploy({ version: "v3", sha: sha("3") });
    await world.end("rollback_failed");
    expect(await world.say("/rollback v2")).toEqual([made]);
    await world.end("succeeded");
    expect(await running()).toBe("v2");
    expect(await world.say("/rollback v2")).toEqual([refused("release_running")]);
  });

  it("is refused where nothing ran, to what runs, and to what is not known", async () => {
    expect(await world.say("/rollback")).toEqual([refused("nothing_to_roll_back")]);
    await ship("v1", "v2");
    expect(await world.say("/rollback v2\n/rollback 9\n/rollback v7")).toEqual([
      refused("release_running"),
      refused("nothing_to_roll_back"),
      refused("version_unknown"),
    ]);
  });

  it("is refused before anything happens when the image is gone, or another one", async () => {
    await ship("v1", "v2");
    const image = `image:${sha("1").slice(0, 4)}`;
    world.images.set(image, "id of another");
    const suggestion = `/deploy production at ${sha("1")}`;
    expect(await world.say("/rollback v1")).toEqual([refused("image_gone", { suggestion })]);
    world.images.delete(image);
    world.configs.set(MAIN, "environments: { production: { stack_name: live } }\n");
    expect(await world.say("/rollback v1")).toEqual([refused("image_gone", { suggestion })]);
    expect(await environment()).toMatchObject({ hold: null });
    // Nothing is claimed for what cannot be.
    expect(await store.catalog.claimStack("live", { ...KEY, repositoryId: 8 })).toBe(true);
    world.configs.delete(MAIN);
    expect(await world.say(suggestion)).toEqual([made]);
  });

  it("works with a policy that cannot be read", async () => {
    await ship("v1", "v2");
    await store.catalog.claimStack("shop-live", KEY);
    world.configs.set(MAIN, "environments: [\n");
    expect(await world.say("/rollback")).toEqual([made]);
    expect(await newest()).toMatchObject({ version: "v1", stackName: "shop-live" });
  });

  it("goes back in the app as it is called since its last deployment, when no policy tells", async () => {
    const old = { app: "attic", lane: "7/attic/production", stackName: "attic-production" };
    await world.deploy({ version: "v0", sha: sha("9"), ...old });
    await world.end("succeeded", old.lane);
    await ship("v1", "v2");
    world.configs.set(MAIN, "environments: [\n");
    expect(await world.say("/rollback")).toEqual([made]);
    expect(await newest()).toMatchObject({ app: "shop", version: "v1", kind: "rollback" });
  });

  it.each([{ app: "blog" }, { environment: "staging" }, { repositoryId: 8 }])(
    "never runs a release of another lane: %j",
    async (other) => {
      await ship("v1", "v2");
      const odd = release({ id: "rel_9", version: "v9", sha: sha("9"), ...other });
      await store.catalog.saveRelease(odd);
      await world.deploy({ version: "v9", sha: sha("9"), releaseId: odd.id });
      await world.end("succeeded");
      expect(await world.say("/rollback v9\n/rollback 9")).toEqual([
        refused("nothing_to_roll_back"),
        refused("nothing_to_roll_back"),
      ]);
      await ship("v3");
      expect(await world.say("/rollback v9\n/rollback 9999")).toEqual([
        refused("version_unknown"),
        refused("command_invalid"),
      ]);
      expect(await world.say("/rollback")).toEqual([made]);
      expect(await newest()).toMatchObject({ kind: "rollback", version: "v2" });
    },
  );
});

describe("an explicit /deploy", () => {
  it("lifts the hold of a rollback, and replaces what waits", async () => {
    await ship("v1", "v2");
    await world.say("/rollback");
    await world.end("succeeded");
    const waitingFor = (await environment())?.hold ?? null;
    const waiting = await world.deploy({ state: "waiting", waitingFor });
    expect(await world.say("/deploy at main")).toEqual([made]);
    expect(await environment()).toMatchObject({ hold: null });
    expect(await store.deployments.get(waiting.id)).toMatchObject({ state: "superseded" });
  });
});

describe("/cancel and /retry", () => {
  it("end what is on its way and run it again", async () => {
    expect(await world.say("/cancel\n/retry")).toEqual([
      refused("nothing_to_cancel"),
      refused("nothing_to_retry"),
    ]);
    await world.say("/deploy at main");
    expect(await world.say("/retry")).toEqual([refused("nothing_to_retry")]);
    expect(await world.say("/cancel")).toEqual([
      { kind: "done", message: "#1 (fffffff) in production is cancelled." },
    ]);
    expect(await world.say("/retry")).toEqual([made]);
    expect(await newest()).toMatchObject({ number: 2, sha: MAIN, state: "queued" });
  });

  it("retries neither what was replaced nor what a success came after", async () => {
    await world.deploy({ sha: sha("1") });
    await world.end("failed");
    await world.deploy({ sha: sha("2") });
    await world.deploy({ sha: sha("3") });
    await world.end("succeeded");
    expect(await world.say("/retry")).toEqual([refused("nothing_to_retry")]);
  });

  it("retries what failed, not what waits since", async () => {
    await world.deploy({ sha: sha("1") });
    await world.end("failed");
    await world.deploy({ sha: sha("2"), state: "waiting" });
    await world.deploy({ sha: sha("3"), state: "waiting" });
    expect(await world.say("/retry")).toEqual([made]);
    expect(await newest()).toMatchObject({ sha: sha("1"), state: "queued" });
  });

  it("ends what waits in an environment that the policy has not any more", async () => {
    const waiting = await world.deploy({ sha: sha("1"), state: "waiting" });
    world.configs.set(MAIN, "environments: { live: {} }\n");
    expect(await world.say("/cancel")).toEqual([refused("environment_ambiguous")]);
    expect(await world.say("/resume production\n/cancel live")).toEqual([
      refused("environment_unknown"),
      refused("nothing_to_cancel"),
    ]);
    expect(await world.say("/cancel production")).toEqual([
      { kind: "done", message: "#1 (aaaaaaa) in production is cancelled." },
    ]);
    expect(await store.deployments.get(waiting.id)).toMatchObject({ state: "cancelled" });
    expect(await world.say("/cancel production")).toEqual([refused("environment_unknown")]);
  });

  it("ends what waits for an app that is called otherwise by now, after what that app does", async () => {
    const waiting = await world.deploy({ sha: sha("1"), state: "waiting" });
    world.configs.set(MAIN, "apps: { art: {} }\n");
    expect(await world.say("/deploy at main\n/cancel\n/cancel")).toEqual([
      made,
      { kind: "done", message: "#1 (fffffff) in production is cancelled." },
      { kind: "done", message: "#1 (aaaaaaa) in production is cancelled." },
    ]);
    expect(await store.deployments.get(waiting.id)).toMatchObject({ state: "cancelled" });
  });

  it("does not go back again to an image that is gone", async () => {
    await ship("v1", "v2");
    await world.say("/rollback");
    await world.end("failed");
    const failed = await newest();
    world.images.clear();
    expect(await world.say("/retry")).toEqual([refused("image_gone")]);
    const pressed = { deploymentId: failed?.id ?? "", sha: sha("1") };
    const by = {
      repository: REPOSITORY,
      actor: "ana",
      deliveryGuid: "g",
      defaultBranch: "main",
    };
    const { outcome } = await world.decide({ kind: "retry", ...by, ...pressed });
    expect(outcome).toMatchObject({ kind: "refused", code: "image_gone" });
  });

  it("goes back again when a rollback failed, and holds again", async () => {
    await ship("v1", "v2");
    await world.say("/rollback");
    await world.end("rolled_back");
    await world.say("/resume");
    expect(await world.say("/retry")).toEqual([made]);
    const retried = await newest();
    expect(retried).toMatchObject({ kind: "rollback", version: "v1", state: "queued" });
    expect(await environment()).toMatchObject({ hold: { deploymentId: retried?.id } });
  });
});

describe("the button that retries", () => {
  const press = async (deploymentId: string, actor = "ana") => {
    const by = { repository: REPOSITORY, actor, deliveryGuid: "g", defaultBranch: "main" };
    return (await world.decide({ kind: "retry", ...by, deploymentId, sha: sha("1") })).outcome;
  };

  it("deploys nothing to an environment, or as an app, that the policy has not any more", async () => {
    await world.deploy({ sha: sha("1") });
    const { id } = await world.end("failed");
    world.configs.set(MAIN, "environments: { live: {} }\n");
    expect(await press(id)).toMatchObject({ kind: "refused", code: "environment_unknown" });
    world.configs.set(MAIN, "apps: { store: {} }\n");
    expect(await press(id)).toMatchObject({ kind: "refused", code: "environment_unknown" });
    world.configs.set(MAIN, "environments: { production: { stack_name: live } }\n");
    expect(await press(id)).toMatchObject({ kind: "accepted" });
    expect(await newest()).toMatchObject({ stackName: "live", policySha: MAIN, state: "queued" });
  });

  it("looks nothing up for who may not press it", async () => {
    await world.deploy({ sha: sha("1") });
    const { id } = await world.end("failed");
    world.asked.length = 0;
    expect(await press(id, "eve")).toMatchObject({ kind: "refused", code: "not_authorized" });
    expect(world.asked).toEqual(["role of eve"]);
  });
});

describe("the button that rolls back", () => {
  const press = async (version: string, actor = "ana") => {
    const all = await store.deployments.list({ lane: LANE, limit: 99 });
    const pressed = all.find((deployment) => deployment.version === version);
    const intent: RollBackIntent = {
      kind: "roll_back",
      repository: REPOSITORY,
      actor,
      deliveryGuid: "g",
      deploymentId: pressed?.id ?? "dep_none",
      defaultBranch: "main",
    };
    return (await world.decide(intent)).outcome;
  };

  it("goes back to what ran before, on the check run of what runs only", async () => {
    await ship("v1", "v2", "v3");
    expect(await press("v2")).toMatchObject({ kind: "refused", code: "release_running" });
    world.asked.length = 0;
    expect(await press("v3", "eve")).toMatchObject({ kind: "refused", code: "not_authorized" });
    expect(world.asked).toEqual(["role of eve"]);
    expect(await press("v8")).toMatchObject({ kind: "ignored", code: "event_ignored" });
    expect(await press("v3")).toMatchObject({ kind: "accepted" });
    expect(await newest()).toMatchObject({
      kind: "rollback",
      version: "v2",
      origin: { kind: "check_run", pullRequest: null },
    });
    expect(await environment()).toMatchObject({ hold: { by: "ana", version: "v2" } });
  });

  it("is refused where nothing ran before", async () => {
    await ship("v1");
    expect(await press("v1")).toMatchObject({ kind: "refused", code: "nothing_to_roll_back" });
  });

  it("goes back from what runs, also while another deployment is on its way", async () => {
    await ship("v1", "v2");
    await world.deploy({ version: "v3", sha: sha("3") });
    await world.begin();
    expect(await press("v2")).toMatchObject({ kind: "accepted" });
    expect(await newest()).toMatchObject({ kind: "rollback", version: "v1" });
  });

  it("is refused when the app is called otherwise by now", async () => {
    await ship("v1", "v2");
    world.configs.set(MAIN, "apps: { store: {} }\n");
    expect(await press("v2")).toMatchObject({ kind: "refused", code: "environment_unknown" });
  });

  it("is refused in an environment that the policy has not any more", async () => {
    await ship("v1", "v2");
    world.configs.set(MAIN, "environments: { live: {} }\n");
    expect(await press("v2")).toMatchObject({ kind: "refused", code: "environment_unknown" });
  });
});
