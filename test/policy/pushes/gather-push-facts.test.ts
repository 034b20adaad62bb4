import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FactSources } from "../../../src/policy/ports.ts";
import { gatherPushFacts } from "../../../src/policy/pushes/gather-push-facts.ts";
import type { Images, Permissions } from "../../../src/policy/ports.ts";
import type { Source } from "../../../src/source/ports.ts";
import type { EnvironmentKey, EnvironmentRecord, Store } from "../../../src/store/ports.ts";
import { openSqliteStore } from "../../../src/store/sqlite-store.ts";
import { pushIntent, REPOSITORY, sha } from "../../support/records.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

/** Commits from old to new; one that is not in the list is on no branch any more. */
const HISTORY = [sha("1"), sha("2"), sha("3")];
const HEAD = sha("3");

let dir: TempDir;
let store: Store;
let head: string | null;
let files: Map<string, string>;
let records: EnvironmentRecord[];
let claimed: [string, EnvironmentKey][];
let changedPaths: readonly string[];

beforeEach(async () => {
  dir = await makeTempDir();
  store = openSqliteStore(dir.path);
  head = HEAD;
  files = new Map();
  records = [];
  claimed = [];
  changedPaths = [];
});

afterEach(async () => {
  await store.close();
  await dir.remove();
});

const source: Source = {
  fetch: () => Promise.resolve({ defaultBranchSha: head }),
  resolve: () => Promise.resolve({ kind: "unknown" }),
  pullRequestHead: () => Promise.resolve(null),
  readFile: (_, commit) => Promise.resolve(files.get(commit) ?? null),
  readBytes: () => Promise.resolve(null),
  isAncestor: (_, ancestor, commit) => {
    const [old, young] = [HISTORY.indexOf(ancestor), HISTORY.indexOf(commit)];
    return Promise.resolve(old >= 0 && old <= young);
  },
  hasChanged: (_, _from, _to, paths) => {
    changedPaths = paths;
    return Promise.resolve(true);
  },
  objectId: () => Promise.resolve(sha("d")),
  context: () => Promise.reject(new Error("nothing is built here")),
};

function sources(): FactSources {
  const catalog = {
    ...store.catalog,
    environmentsOf: () => Promise.resolve(records),
    claimStack: (name: string, key: EnvironmentKey) => {
      claimed.push([name, key]);
      return Promise.resolve(name !== "taken");
    },
  };
  const permissions: Permissions = { roleOf: () => Promise.resolve("write") };
  const images: Images = { imageId: () => Promise.resolve(null) };
  return { store: { ...store, catalog }, source, permissions, images };
}

function record(decidedSha: string): EnvironmentRecord {
  return {
    repositoryId: REPOSITORY.id,
    app: "shop",
    environment: "production",
    stackName: "shop-production",
    decidedSha,
    decidedVersion: null,
    hold: null,
    desiredReleaseId: null,
    activeDeploymentId: null,
  };
}

const gather = (overrides: Parameters<typeof pushIntent>[0]) =>
  gatherPushFacts(sources(), pushIntent(overrides));

describe("where a pushed commit stands", () => {
  it.each([
    ["the head itself", { sha: HEAD }, "head"],
    ["one behind the head", { sha: sha("2") }, "behind"],
    ["one that a forced push took away", { sha: sha("9"), before: sha("8") }, "gone"],
    ["one on another branch", { sha: sha("9"), ref: "refs/heads/wip" }, "unknown"],
  ] as const)("%s", async (_, push, place) => {
    expect(await gather(push)).toMatchObject({ place });
  });

  it("is open while a git server may not know of the push", async () => {
    await expect(gather({ sha: sha("9"), before: HEAD })).rejects.toMatchObject({
      code: "source_not_found",
    });
  });

  it("is its head when the server shows an older one", async () => {
    head = sha("1");
    expect(await gather({ sha: sha("3"), before: sha("2") })).toMatchObject({ place: "head" });
  });

  it("is unknown in a repository whose default branch is not there", async () => {
    head = null;
    expect(await gather({ sha: sha("2") })).toMatchObject({
      place: "unknown",
      policySha: sha("2"),
    });
  });
});

describe("what a push is decided on", () => {
  it("is production on the default branch when there is no file, with its stack claimed", async () => {
    const facts = await gather({ sha: HEAD });
    expect(facts).toMatchObject({ app: "shop", policySha: HEAD, problems: [] });
    expect(facts.environments).toMatchObject([
      { name: "production", stackName: "shop-production", decidedSha: null, ownsStack: true },
    ]);
    expect(claimed).toEqual([
      ["shop-production", { repositoryId: REPOSITORY.id, app: "shop", environment: "production" }],
    ]);
  });

  it("leaves out what only tags, releases or commands deploy to, and knows what is held", async () => {
    const hold = { deploymentId: "dep_9", by: "ana", version: "v1.0.0", since: 1 };
    const lines = ["tag: 'v*'", "release: published", "", "push: main, tag: 'v*'", "push: wip"];
    const environments = lines.map((triggers, at) => `  e${at}: { deploy_on: { ${triggers} } }\n`);
    files.set(HEAD, `environments:\n${environments.join("")}`);
    records = [{ ...record(sha("1")), environment: "e3", hold }];
    const facts = await gather({ sha: HEAD });
    expect(facts.environments).toMatchObject([{ name: "e3", hold }]);
  });

  it("is the policy of the default branch and the content of the commit", async () => {
    files.set(HEAD, "path: web\nenvironments: { live: { stack_name: taken } }\n");
    files.set(sha("2"), "path: api\nenvironments: { mine: {} }\n");
    records = [{ ...record(sha("1")), environment: "live" }];
    const facts = await gather({ sha: sha("2") });
    expect(facts.environments).toMatchObject([
      { name: "live", stackName: "taken", ownsStack: false, isBehindDecided: false },
    ]);
    expect(changedPaths).toEqual(["api", ".github/skep.yml"]);
  });

  it("is also what changed in stack files outside of the app's folder, those of the environment", async () => {
    const app = "path: api\nstack: [deploy/stack.yml, api/more.yml]\n";
    files.set(HEAD, `${app}environments: { live: {} }\n`);
    records = [{ ...record(sha("1")), environment: "live" }];
    await gather({ sha: HEAD });
    expect(changedPaths).toEqual(["api", "deploy/stack.yml", ".github/skep.yml"]);
    files.set(HEAD, `${app}environments: { live: { stack: own.yml } }\n`);
    await gather({ sha: HEAD });
    expect(changedPaths).toEqual(["api", "own.yml", ".github/skep.yml"]);
  });

  it("tells every known environment of a policy that cannot be read, on its own branch only", async () => {
    files.set(HEAD, "environments: [\n");
    files.set(sha("2"), "environments: [\n");
    records = [record(HEAD)];
    const facts = await gather({ sha: sha("2") });
    expect(facts.problems).not.toEqual([]);
    expect(facts.environments).toMatchObject([{ name: "production", isBehindDecided: true }]);
    expect((await gather({ sha: sha("2"), ref: "refs/heads/wip" })).environments).toEqual([]);
  });

  it("takes the app that was deployed last for the one that is meant, after it was renamed", async () => {
    files.set(HEAD, "environments: [\n");
    records = [
      { ...record(sha("1")), app: "attic", activeDeploymentId: "dep_1" },
      { ...record(sha("2")), activeDeploymentId: "dep_2" },
    ];
    const facts = await gather({ sha: HEAD });
    expect(facts).toMatchObject({ app: "shop", environments: [{ decidedSha: sha("2") }] });
    expect(facts.environments).toHaveLength(1);
  });
});
