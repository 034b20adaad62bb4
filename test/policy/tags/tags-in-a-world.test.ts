import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TagIntent } from "../../../src/intent.ts";
import type { Store } from "../../../src/store/ports.ts";
import { openSqliteStore } from "../../../src/store/sqlite-store.ts";
import { createCommandWorld, MAIN, type CommandWorld } from "../../support/command-world.ts";
import { pushIntent, REPOSITORY, sha } from "../../support/records.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

const KEY = { repositoryId: REPOSITORY.id, app: "shop", environment: "production" };
const BY_TAG = "environments: { production: { deploy_on: { tag: 'v*' } }, staging: }\n";
const BY_BOTH =
  "environments: { production: { deploy_on: { push: main, tag: 'v*', release: published } } }\n";

let dir: TempDir;
let store: Store;
let world: CommandWorld;

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  world = createCommandWorld(store);
  world.configs.set(MAIN, BY_TAG);
});
afterEach(async () => {
  await store.close();
  await dir.remove();
});

function tagged(tag: string, digit: string | null, overrides: Partial<TagIntent> = {}): TagIntent {
  if (digit !== null) world.refs.set(`refs/tags/${tag}`, sha(digit));
  return {
    kind: "tag",
    cause: "push",
    repository: REPOSITORY,
    actor: "ana",
    deliveryGuid: "guid-1",
    tag,
    sha: digit === null ? null : sha(digit),
    title: "As the event tells",
    defaultBranch: "main",
    ...overrides,
  };
}

async function decide(intent: Parameters<CommandWorld["decide"]>[0]): Promise<string> {
  const { outcome, deployments } = await world.decide(intent);
  const made = deployments.map(({ environment, state }) => `${environment} ${state}`);
  return [outcome.kind === "accepted" ? "accepted" : outcome.code, ...made].join(", ");
}

describe("a tag of the repository", () => {
  it("goes to the environments whose pattern it fits, once, by the default branch's policy", async () => {
    world.configs.set(sha("a"), "environments: { mine: { deploy_on: { tag: 'v*' } } }\n");
    expect(await decide(tagged("v1.0.0", "a"))).toBe("accepted, production queued");
    expect(await decide(tagged("v1.0.0", "a"))).toBe("commit_already_decided");
    expect(await decide(tagged("nightly", "a"))).toBe("tag_not_deployed");
    expect(await store.catalog.environment(KEY)).toMatchObject({
      stackName: "shop-production",
      decidedSha: sha("a"),
      decidedVersion: "v1.0.0",
    });
    const [made] = await store.deployments.list({ limit: 9 });
    expect(made).toMatchObject({
      ref: "refs/tags/v1.0.0",
      title: "at refs/tags/v1.0.0",
      version: "v1.0.0",
      policySha: MAIN,
    });
  });

  it("that is older than the last comes too late", async () => {
    expect(await decide(tagged("v1.10.0", "a"))).toBe("accepted, production queued");
    expect(await decide(tagged("v1.9.0", "b"))).toBe("version_outdated");
    expect(await decide(tagged("v1.11.0-rc.1", "c"))).toBe("accepted, production queued");
  });

  it("is what it names now, not what the event says", async () => {
    const first = tagged("v1.0.0", "a");
    const second = tagged("v1.0.0", "b");
    expect(await decide(first)).toBe("accepted, production queued");
    expect(await store.catalog.environment(KEY)).toMatchObject({ decidedSha: sha("b") });
    expect(await decide(second)).toBe("commit_already_decided");
    expect(await decide(tagged("v1.0.0", "c"))).toBe("accepted, production queued");
  });

  it("that a server shows where it was before its move is looked for again", async () => {
    expect(await decide(tagged("v1.0.0", "a"))).toBe("accepted, production queued");
    const moved = { ...tagged("v1.0.0", "a"), sha: sha("b") };
    const notSeen = { code: "source_not_found" };
    await expect(decide(moved)).rejects.toMatchObject(notSeen);
    world.refs.set("refs/tags/v1.0.0", sha("b"));
    expect(await decide(moved)).toBe("accepted, production queued");
  });

  it("that is not there yet is looked for again", async () => {
    const notSeen = { code: "source_not_found" };
    await expect(decide(tagged("v1.0.0", null))).rejects.toMatchObject(notSeen);
    const hostile = tagged("--upload-pack=x", null);
    await expect(decide(hostile)).rejects.toMatchObject(notSeen);
    world.refs.delete("refs/heads/main");
    await expect(decide(tagged("v1.0.0", "a"))).rejects.toMatchObject(notSeen);
  });

  it("of commit that cannot be deployed is refused, and so is one under an unreadable policy", async () => {
    world.configs.set(sha("a"), "service: { imge: x }\n");
    expect(await decide(tagged("v1.0.0", "a"))).toBe("config_invalid, production refused");
    world.configs.set(MAIN, "environments: [\n");
    expect(await decide(tagged("v1.0.1", "b"))).toBe("config_invalid, production refused");
    world.configs.set(MAIN, BY_TAG);
    expect(await decide(tagged("v1.0.2", "c"))).toBe("accepted, production queued");
  });

  it("under a policy that was never readable tells nobody", async () => {
    world.configs.set(MAIN, "environments: [\n");
    expect(await decide(tagged("v1.0.0", "a"))).toBe("config_invalid");
  });

  it("waits while the environment is held", async () => {
    await world.deploy({ version: "v1.0.0" });
    await world.end("succeeded");
    await world.deploy({ version: "v1.1.0", sha: sha("b") });
    await world.end("succeeded");
    await world.say("/rollback production");
    expect(await decide(tagged("v1.2.0", "c"))).toBe("accepted, production waiting");
    const [waiting] = await store.deployments.list({ states: ["waiting"], limit: 9 });
    expect(waiting).toMatchObject({
      version: "v1.2.0",
      waitingFor: { by: "ana", version: "v1.0.0" },
    });
    world.configs.set(MAIN, BY_BOTH);
    expect(await decide(tagged("v1.3.0", "d"))).toBe("accepted, production waiting");
    const replaced = await store.deployments.get(waiting?.id ?? "");
    expect(replaced).toMatchObject({ state: "superseded" });
  });
});

describe("a published release", () => {
  const release = { cause: "release", sha: null, title: null } as const;

  it("deploys where releases do, and not again what its tag did", async () => {
    expect(await decide(tagged("v1.0.0", "a", release))).toBe("tag_not_deployed");
    world.configs.set(MAIN, BY_BOTH);
    expect(await decide(tagged("v1.0.0", "a"))).toBe("accepted, production queued");
    expect(await decide(tagged("v1.0.0", "a", release))).toBe("commit_already_decided");
    expect(await decide(tagged("v1.1.0", "b", release))).toBe("accepted, production queued");
    expect(await decide(tagged("v1.1.0", "b"))).toBe("commit_already_decided");
    expect(await decide(tagged("nightly", "c", release))).toBe("accepted, production queued");
  });

  it("of a tag that a push has overtaken does not go back", async () => {
    world.configs.set(MAIN, BY_BOTH);
    const history = [sha("a"), sha("b"), MAIN];
    Object.assign(world.from.source, {
      fetch: () => Promise.resolve({ defaultBranchSha: MAIN }),
      isAncestor: (_: unknown, old: string, young: string) =>
        Promise.resolve(history.indexOf(old) <= history.indexOf(young)),
    });
    expect(await decide(tagged("v1.0.0", "a"))).toBe("accepted, production queued");
    const push = pushIntent({ sha: MAIN, before: sha("a") });
    expect(await decide(push)).toBe("accepted, production queued");
    expect(await decide(tagged("v1.0.0", "a", release))).toBe("commit_already_decided");
    expect(await store.catalog.environment(KEY)).toMatchObject({
      decidedSha: MAIN,
      decidedVersion: "v1.0.0",
    });
  });
});
