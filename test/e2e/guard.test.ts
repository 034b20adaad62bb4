import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { countBuilds } from "../support/product-data.ts";
import { openPull } from "../support/product-pull.ts";
import { writeServerConfig } from "../support/server-config.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { quickService, stackFile, stackFiles } from "../support/stack-files.ts";
import { identitiesOf, lookAtStack, removeStack } from "../support/stack-look.ts";
import { webDockerfile } from "../support/web-files.ts";

const FILE = "deploy/stack.yml";
const OVERLAY = "deploy/production.yml";

let product: Product;
let app: App;

beforeAll(async () => {
  product = await openProduct();
});

afterEach(async () => {
  await removeStack(`${app.name}-production`);
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

/**
 * Two files: the first one builds and mounts a folder of the node, the second one adds capabilities, to a service
 * without tasks, because the engine of the tests may not have all of them itself.
 */
function files(folder: string) {
  return {
    ".github/skep.yml": `stack: [${FILE}, ${OVERLAY}]\n`,
    "app/Dockerfile": webDockerfile("one"),
    [FILE]: `services:
  web:
    build: ../app
    init: true
    stop_grace_period: 1s
    volumes:
      - data:/data
      - ${folder}:/host:ro
    deploy: { endpoint_mode: dnsrr, update_config: { monitor: 500ms } }
  tool:
    build: ../app
    deploy: { endpoint_mode: dnsrr, replicas: 0 }
volumes: { data: {} }
`,
    [OVERLAY]: `services:
  tool:
    init: true
    cap_add:
      - ALL
`,
  };
}

test("what the operator does not allow is refused on its lines before anything is built, and deployed once it is allowed", async () => {
  await product.start();
  app = await product.app("guarded", "guarded");
  const folder = product.dir;
  const sha = await app.push(files(folder));

  const refused = await app.finished(sha);

  expectShownFailure(refused, {
    code: "not_allowed",
    title: /^Failed: the operator of this Skep does not allow services\.tool\.cap_add, and 1 more/,
    cause: /nothing was built or deployed/,
    next: /^See the marked lines/,
    now: /^nothing was changed on the Swarm\.$/,
  });
  const marked = refused.annotations.map(({ path, start_line, annotation_level, message }) => ({
    path,
    start_line,
    annotation_level,
    message,
  }));
  expect(marked.toSorted((one, other) => (one.path < other.path ? 1 : -1))).toEqual([
    {
      path: FILE,
      start_line: 8,
      annotation_level: "failure",
      message: expect.stringMatching(
        /^`services\.web\.volumes\[1\]`: mounts .*`bind_mounts` in skep\.server\.yml/,
      ),
    },
    {
      path: OVERLAY,
      start_line: 4,
      annotation_level: "failure",
      message: expect.stringMatching(
        /^`services\.tool\.cap_add`: .*"ALL" under `cap_add` in skep\.server\.yml/,
      ),
    },
  ]);
  expect(refused.summary).not.toMatch(/\| Build \|/);
  expect(countBuilds(product.dataDir)).toBe(0);
  expect(await app.service("guarded-production_web")).toBeNull();
  expect(app.statesOf(sha).at(-1)).toBe("failure");

  await writeServerConfig(product, {
    allow: [
      { repositories: ["guarded/guarded"], cap_add: ["ALL"], bind_mounts: [{ path: folder }] },
    ],
  });
  app.press(refused);
  const early = await app.finished(sha, { count: 2 });
  expect(early.conclusion, "the file is read when Skep starts").toBe("failure");
  await product.stop();
  await product.start();
  app.press(early);
  const allowed = await app.finished(sha, { count: 3 });

  expect(allowed.conclusion, allowed.summary ?? "").toBe("success");
  expect(countBuilds(product.dataDir)).toBe(1);
  const { web } = await lookAtStack("guarded-production");
  expect(web?.tasks.map(({ state }) => state)).toEqual(["running"]);

  await removeStack("guarded-production");
  app = await product.app("unguarded", "guarded");
  const other = await app.finished(await app.push(files(folder)));
  expect(other.conclusion, "what one repository may, others may not").toBe("failure");
  expect(other.annotations).toHaveLength(2);
});

test("a rollback does not bring back what the operator no longer allows", async () => {
  await product.stop();
  const rule = { repositories: ["tightened/*"], sysctls: ["net.core.somaxconn"] };
  await writeServerConfig(product, { allow: [rule] });
  await product.start();
  app = await product.app("tightened", "tightened");
  const deploy = { deploy: { replicas: 0 } };
  const sysctls = { "net.core.somaxconn": "1024" };
  const web = quickService({ ...deploy, sysctls });
  const one = await app.finished(await app.push(stackFiles({ services: { web } })));
  expect(one.conclusion, one.summary ?? "").toBe("success");
  const two = await app.finished(
    await app.push(stackFile({ services: { web: quickService(deploy) } })),
  );
  expect(two.conclusion).toBe("success");
  const before = await lookAtStack("tightened-production");
  await product.stop();
  await writeServerConfig(product, {});
  await product.start();
  const pull = await openPull(product, app, { "NOTES.md": "words\n" });

  expect(await pull.ended(pull.comment("/rollback"))).toBe("-1");

  expect(app.records().at(-1)).toMatchObject({
    kind: "rollback",
    state: "failed",
    failure: {
      code: "not_allowed",
      evidence: [
        expect.stringMatching(/^services\.web\.sysctls\.net\.core\.somaxconn: .*skep\.server\.yml/),
      ],
    },
  });
  expect(identitiesOf(await lookAtStack("tightened-production"))).toEqual(identitiesOf(before));
});

test("nobody may publish Skep's own port", async () => {
  app = await product.app("own-port", "own-port");
  const { port } = new URL(product.webhookUrl);
  const web = quickService({ ports: [{ target: 8080, published: Number(port), mode: "host" }] });
  const run = await app.finished(await app.push(stackFiles({ services: { web } })));
  expect(run.title).toMatch(
    /^Failed: the operator of this Skep does not allow services\.web\.ports/,
  );
  expect(await lookAtStack("own-port-production")).toEqual({});
});

test("a repository that is not in `repositories` may not deploy; one that is may", async () => {
  await product.stop();
  await writeServerConfig(product, { repositories: ["listed/*"] });
  await product.start();
  app = await product.app("stranger", "unlisted");
  const builds = countBuilds(product.dataDir);
  const sha = await app.push({ Dockerfile: webDockerfile("stranger") });

  const refused = await app.finished(sha);

  expectShownFailure(refused, {
    code: "not_allowed",
    title: /^Failed: the operator of this Skep does not let unlisted\/stranger deploy$/,
    cause: /does not let unlisted\/stranger deploy/,
    next: /^Ask the operator to list the repository under `repositories` in skep\.server\.yml/,
    now: /^nothing was changed on the Swarm\.$/,
  });
  expect(countBuilds(product.dataDir)).toBe(builds);
  expect(await app.service()).toBeNull();

  const listed = await product.app("member", "listed");
  const config = "service: { build: ., init: true, stop_grace_period: 1s }\n";
  const member = { Dockerfile: webDockerfile("member"), ".github/skep.yml": config };
  const run = await listed.finished(await listed.push(member));
  await removeStack("member-production");
  expect(run.conclusion, run.summary ?? "").toBe("success");
});

test("a server's file with a fault is told by file, line and key, and Skep does not start with it", async () => {
  await product.stop();
  await writeServerConfig(product, { repositories: ["listed/*"], allow: [{ cap_ad: ["ALL"] }] });
  await expect(product.start()).rejects.toThrow(/skep\.server\.yml:\d+: .*cap_ad/);
});
