import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openProduct, type Product } from "../support/product.ts";
import type { App } from "../support/product-app.ts";
import { expectShownFailure } from "../support/shown-failure.ts";
import { FROM, quickConfig, webDockerfile, webFiles } from "../support/web-files.ts";

const NOTHING_CHANGED = /^nothing was changed on the Swarm\.$/;
const GOES_ON = /^nothing was changed on the Swarm; the previous version, \w{7} \(#1\), goes on\.$/;

let product: Product;
let app: App;

beforeAll(async () => {
  product = await openProduct();
  await product.start();
});

afterEach(async () => {
  await app.remove();
  expect(product.problems()).toEqual([]);
});

afterAll(() => product.close());

test("a config with two mistakes is refused with both at their lines, and what ran goes on", async () => {
  app = await product.app("bad-config");
  await app.finished(await app.push(webFiles("one")));
  const before = await app.service();
  const config =
    "service:\n  build: .\n  helthcheck:\n    test: [NONE]\n  deploy:\n    replicas: many\n";
  const sha = await app.push({ ".github/skep.yml": config });

  const run = await app.finished(sha);

  expectShownFailure(run, {
    code: "config_invalid",
    title: /^Refused: \.github\/skep\.yml has 2 problems; nothing was deployed$/,
    cause: /has 2 problems; nothing was deployed/,
    next: /^Mend the marked lines and push again\./,
    now: GOES_ON,
  });
  expect(
    run.annotations.map(({ path, start_line, annotation_level, message }) => {
      return {
        path,
        start_line,
        annotation_level,
        isHelpful: /healthcheck|an integer/.test(message),
      };
    }),
  ).toEqual(
    [3, 6].map((start_line) => {
      return { path: ".github/skep.yml", start_line, annotation_level: "failure", isHelpful: true };
    }),
  );
  expect(run.summary).toMatch(/\.github\/skep\.yml:3/);
  expect(run.actions).toEqual([]);
  expect(app.deployments(sha)).toEqual([]);
  expect((await app.service())?.Version).toEqual(before?.Version);

  const mended = await app.push({ ".github/skep.yml": quickConfig("environment: { A: b }") });
  expect((await app.finished(mended)).conclusion).toBe("success");
});

test("the first push of a config that is no YAML is refused for production", async () => {
  app = await product.app("no-yaml");
  const sha = await app.push({
    ".github/skep.yml": "service: {\n",
    Dockerfile: webDockerfile("x"),
  });
  const run = await app.finished(sha);
  expect(run.name).toBe("skep / production");
  expect(run.conclusion).toBe("failure");
  expect(run.annotations.length).toBeGreaterThan(0);
  expect(run.summary).toMatch(/nothing was changed on the Swarm/);
});

test("a build step that fails is named with what it printed; the version before goes on", async () => {
  app = await product.app("bad-run");
  await app.finished(await app.push(webFiles("one")));
  const before = await app.service();
  const step = "RUN echo compiling >&2; echo 'error: no such module' >&2; exit 3\n";
  const sha = await app.push({ Dockerfile: `${FROM}RUN true\n${step}` });

  const run = await app.finished(sha);

  expectShownFailure(run, {
    code: "build_failed",
    title: /^Failed: build step \[3\/3\] RUN echo compiling/,
    cause: /step .*RUN echo compiling.*: it exited with code 3/,
    next: /Correct what this step prints, then push again\./,
    now: GOES_ON,
    evidence: /compiling\n.*error: no such module/,
  });
  expect(run.actions.map(({ identifier }) => identifier)).toEqual(["retry"]);
  expect(app.statesOf(sha)).toEqual(["in_progress", "failure"]);
  expect((await app.service())?.Version).toEqual(before?.Version);
});

test("a Dockerfile that is missing is asked for by its path", async () => {
  app = await product.app("no-dockerfile");
  const sha = await app.push({
    ".github/skep.yml": quickConfig("build: { dockerfile: web.Dockerfile }"),
  });
  expectShownFailure(await app.finished(sha), {
    code: "dockerfile_missing",
    title: /^Failed: there is no web\.Dockerfile in this commit/,
    cause: /there is no web\.Dockerfile in this commit/,
    next: /^Add web\.Dockerfile, or name another one under build\.dockerfile/,
    now: NOTHING_CHANGED,
  });
});

test("a repository with nothing to deploy says what to add", async () => {
  app = await product.app("nothing-there");
  const run = await app.finished(await app.push({ "README.md": "words\n" }));
  expect(run.conclusion).toBe("failure");
  expect(run.summary).toMatch(/add a Dockerfile, or a `stack` or `service`/);
});

test("an image that no registry has fails before the Swarm is touched", async () => {
  app = await product.app("no-image");
  const image = "localhost:1/skep/none:1";
  const sha = await app.push({ ".github/skep.yml": quickConfig(`image: ${image}`) });
  expectShownFailure(await app.finished(sha), {
    code: "image_not_found",
    title: /^Failed: the registry of the image localhost:1\/skep\/none:1 does not answer/,
    cause: /^the registry of the image localhost:1\/skep\/none:1 does not answer/,
    next: /^Check the registry's name/,
    now: NOTHING_CHANGED,
    evidence: /connection refused/,
  });
  expect(await app.service()).toBeNull();
});

test("a context over the limit is refused with its size", async () => {
  app = await product.app("big-context");
  await product.stop();
  await product.start({ SKEP_CONTEXT_LIMIT: "1" });
  const sha = await app.push({ ...webFiles("one"), "big.txt": "x".repeat(2 * 1024 * 1024) });
  expectShownFailure(await app.finished(sha), {
    code: "context_too_large",
    title: /^Failed: /,
    cause: /^reading the build context: its 4 entries hold 2\.1 MB, more than the limit of 1\.0 MB/,
    next: /\.dockerignore/,
    now: NOTHING_CHANGED,
    evidence: /2\.1 MB {2}"big\.txt"/,
  });
});

test("a build over its time is stopped, and its step named", async () => {
  app = await product.app("slow-build");
  await product.stop();
  await product.start({ SKEP_BUILD_TIMEOUT: "2" });
  const sha = await app.push({
    ...webFiles("one"),
    Dockerfile: `${FROM}RUN echo begun; sleep 60\n`,
  });
  expectShownFailure(await app.finished(sha), {
    code: "build_timeout",
    title: /^Failed: building .*took longer than 2 s/,
    cause: /step .*sleep 60 was still running/,
    next: /^Make the build faster or raise its time limit/,
    now: NOTHING_CHANGED,
    evidence: /begun/,
  });
});
