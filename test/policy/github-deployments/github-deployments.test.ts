import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GitHubDeploymentIntent } from "../../../src/intent.ts";
import { ROLES } from "../../../src/policy/ports.ts";
import type { Verdict } from "../../../src/policy/verdict.ts";
import type { Store } from "../../../src/store/ports.ts";
import { openSqliteStore } from "../../../src/store/sqlite-store.ts";
import { createCommandWorld, MAIN, type CommandWorld } from "../../support/command-world.ts";
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
  world.refs.set("refs/tags/v1.9.0", sha("1"));
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

function made(overrides: Partial<GitHubDeploymentIntent> = {}): GitHubDeploymentIntent {
  return {
    kind: "github_deployment",
    repository: REPOSITORY,
    actor: "ana",
    deliveryGuid: "guid-1",
    githubDeploymentId: 88,
    sha: sha("1"),
    ref: "v1.9.0",
    environment: "production",
    description: "From Slack\nwith love",
    isBot: false,
    defaultBranch: "main",
    ...overrides,
  };
}

/** All that a refusal does: it is on record, and told on the GitHub deployment. */
function refused(code: string): object {
  return {
    outcome: { kind: "refused", code },
    deployments: [{ state: "refused", githubDeploymentId: 88, failure: { code } }],
    decided: [],
    holds: [],
  };
}

describe("a GitHub deployment of somebody else", () => {
  it("is deployed, reported on itself, and moves nothing that was decided", async () => {
    const verdict = await world.decide(made());
    expect(verdict).toMatchObject({ outcome: { kind: "accepted" }, decided: [], answer: null });
    expect(verdict.deployments).toEqual([
      {
        kind: "deploy",
        origin: { kind: "github_deployment", pullRequest: null },
        repository: REPOSITORY,
        app: "shop",
        environment: "production",
        lane: "7/shop/production",
        ref: "refs/tags/v1.9.0",
        sha: sha("1"),
        headOf: null,
        title: "by its SHA",
        actor: "ana",
        version: "v1.9.0",
        policySha: MAIN,
        stackName: "shop-production",
        environmentUrl: null,
        warnings: [],
        state: "queued",
        releaseId: null,
        githubDeploymentId: 88,
        waitingFor: null,
        failure: null,
      },
    ]);
    expect(await store.catalog.environment(KEY)).toMatchObject({
      stackName: "shop-production",
      decidedSha: null,
      decidedVersion: null,
    });
  });

  it.each<[string, Partial<GitHubDeploymentIntent>, string, string]>([
    ["a branch", { ref: "main", sha: MAIN }, "refs/heads/main", MAIN.slice(0, 7)],
    ["a branch that went on", { ref: "main" }, "refs/heads/main", "1111111"],
    ["a tag that was moved", { sha: MAIN }, MAIN, MAIN.slice(0, 7)],
    ["a SHA", { ref: sha("1") }, sha("1"), "1111111"],
    ["a branch that is gone", { ref: "gone" }, sha("1"), "1111111"],
    ["a name of both kinds", { ref: "twice" }, sha("1"), "1111111"],
    ["a hostile name", { ref: "--upload-pack=x" }, sha("1"), "1111111"],
  ])("for %s has the name that still fits", async (_, overrides, ref, version) => {
    world.refs.set("refs/heads/twice", sha("1"));
    world.refs.set("refs/tags/twice", sha("1"));
    const { deployments } = await world.decide(made(overrides));
    expect(deployments).toMatchObject([{ ref, version, state: "queued" }]);
  });

  it.each(["staging", "Production", "production ", "github-pages", "../..", "constructor"])(
    "for %j, which is none of ours, is left alone, and nobody's role is asked for",
    async (environment) => {
      expect(await world.decide(made({ environment }))).toMatchObject({
        outcome: { kind: "ignored", code: "environment_unknown" },
        deployments: [],
      });
      expect(world.asked.filter((asked) => asked.startsWith("role"))).toEqual([]);
    },
  );

  it.each(ROLES)("of a person with %s", async (role) => {
    world.roles.set("bo", role);
    const verdict = await world.decide(made({ actor: "bo" }));
    if (["write", "maintain", "admin"].includes(role)) {
      expect(verdict).toMatchObject({ outcome: { kind: "accepted" } });
      return;
    }
    expect(verdict).toMatchObject(refused("not_authorized"));
    expect(verdict.deployments[0]).toMatchObject({
      title: "From Slack",
      failure: { summary: `deploying needs write access; bo has ${role}` },
    });
  });

  it("of a bot counts as made with write access", async () => {
    const verdict = await world.decide(made({ actor: "x[bot]", isBot: true }));
    expect(verdict.outcome.kind).toBe("accepted");
    expect(world.asked.filter((asked) => asked.startsWith("role"))).toEqual([]);
  });

  it("waits for nobody's role that GitHub does not tell", async () => {
    world.roleFailures.push(new Error("away"));
    await expect(world.decide(made())).rejects.toThrow("away");
  });

  it("of a commit of a fork, or of none, is refused", async () => {
    world.foreign.add(sha("9"));
    for (const commit of [sha("9"), sha("8")]) {
      const verdict = await world.decide(made({ sha: commit }));
      expect(verdict).toMatchObject(refused("commit_not_in_repository"));
    }
  });

  it("of a commit with problems, or for another's stack, is refused", async () => {
    world.configs.set(sha("1"), "service: { imge: x }\n");
    expect(await world.decide(made())).toMatchObject(refused("config_invalid"));
    world.configs.delete(sha("1"));
    await store.catalog.claimStack("shop-production", { ...KEY, repositoryId: 8 });
    expect(await world.decide(made())).toMatchObject(refused("stack_not_owned"));
  });

  it("under a policy that cannot be read is refused where environments are known", async () => {
    world.configs.set(MAIN, "environments: [\n");
    expect(await world.decide(made())).toMatchObject(refused("config_invalid"));
    const elsewhere: Verdict = await world.decide(made({ environment: "staging" }));
    expect(elsewhere.outcome).toMatchObject({ code: "environment_unknown" });
  });

  it("that comes late does not take the place of one that was made after it", async () => {
    world.refs.set("refs/tags/v2.0.0", sha("2"));
    const newer = { githubDeploymentId: 89, sha: sha("2"), ref: "v2.0.0" };
    expect(await world.decide(made(newer))).toMatchObject({ outcome: { kind: "accepted" } });
    const late = await world.decide(made());
    expect(late).toMatchObject(refused("superseded"));
    const [queued] = await store.deployments.list({ states: ["queued"], limit: 5 });
    expect(queued).toMatchObject({ version: "v2.0.0" });
    expect(await world.decide(made({ githubDeploymentId: 90 }))).toMatchObject({
      outcome: { kind: "accepted" },
    });
  });

  it("lifts the hold of a rollback, and takes the place of what waits", async () => {
    await world.deploy({ version: "v1.0.0" });
    await world.end("succeeded");
    await world.deploy({ version: "v1.1.0", sha: sha("b") });
    await world.end("succeeded");
    await world.say("/rollback production");
    await world.end("succeeded");
    expect((await store.catalog.environment(KEY))?.hold).toMatchObject({ by: "ana" });
    const verdict = await world.decide(made());
    expect(verdict.holds).toEqual([{ environment: KEY, hold: null }]);
    expect((await store.catalog.environment(KEY))?.hold).toBeNull();
    const [newest] = await store.deployments.list({ limit: 1 });
    expect(newest).toMatchObject({ state: "queued", version: "v1.9.0" });
  });

  it("waits for the hold of a rollback when no person made it, as a workflow does with each push", async () => {
    await world.deploy({ version: "v1.0.0" });
    await world.end("succeeded");
    await world.deploy({ version: "v1.1.0", sha: sha("b") });
    await world.end("succeeded");
    await world.say("/rollback production");
    await world.end("succeeded");
    const { hold = null } = (await store.catalog.environment(KEY)) ?? {};
    const verdict = await world.decide(made({ actor: "github-actions[bot]", isBot: true }));
    expect(verdict).toMatchObject({ outcome: { kind: "accepted" }, holds: [] });
    const [newest] = await store.deployments.list({ limit: 1 });
    expect(newest).toMatchObject({ state: "waiting", githubDeploymentId: 88, waitingFor: hold });
    expect((await store.catalog.environment(KEY))?.hold).toEqual(hold);
    await world.say("/resume production");
    expect(await store.deployments.list({ limit: 1 })).toMatchObject([{ state: "queued" }]);
  });

  it("that is refused lifts no hold", async () => {
    await world.deploy({ version: "v1.0.0" });
    await world.end("succeeded");
    await world.deploy({ version: "v1.1.0", sha: sha("b") });
    await world.end("succeeded");
    await world.say("/rollback production");
    await world.decide(made({ actor: "stranger" }));
    expect((await store.catalog.environment(KEY))?.hold).not.toBeNull();
  });
});
