import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { createSystemClock } from "../../src/clock.ts";
import { createBuildKitBuilder } from "../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import type { Builder, BuildEvent } from "../../src/deployer/ports.ts";
import { createGitMirror, type GitMirror } from "../../src/source/git-mirror.ts";
import { sharedDocker, sharedEngine } from "../support/engine.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { createRecordedLog } from "../support/recorded-log.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

const TAG = "localhost/skep-test/context:1";
const REPOSITORY = { id: 1, owner: "acme", name: "shop", installationId: 100 };

let server: GitServer;
let dir: TempDir;
let mirror: GitMirror;
let builder: Builder;
let workTree: string;

beforeAll(async () => {
  server = await startGitServer("token");
  dir = await makeTempDir();
  ({ workTree } = server.create(REPOSITORY.name));
  const clock = createSystemClock();
  mirror = createGitMirror({
    dir: dir.path,
    cloneUrl: ({ name }) => `${server.url}/${name}.git`,
    token: () => Promise.resolve("token"),
    clock,
    log: createRecordedLog(),
  });
  const client = createDockerClient(`unix://${sharedEngine().socketPath}`, clock);
  builder = createBuildKitBuilder({ client, clock, registryAuth: () => null });
});
afterAll(async () => {
  mirror.close();
  await server.stop();
  await dir.remove();
  await sharedDocker().getImage(TAG).remove({ force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workTree, path)), { recursive: true });
    writeFileSync(join(workTree, path), content);
  }
}

function commit(date: string): string {
  const git = (...args: readonly string[]): string => server.git(REPOSITORY.name, ...args);
  git("add", "--all");
  const env = { ...process.env, GIT_COMMITTER_DATE: date, GIT_COMMITTER_NAME: "Ana" };
  const identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"];
  const args = [...identity, "commit", "--quiet", "--allow-empty", "-m", date];
  execFileSync("git", args, { cwd: workTree, env });
  git("push", "--quiet", "origin", "HEAD:refs/heads/main");
  return git("rev-parse", "HEAD");
}

async function build(sha: string): Promise<{ output: string; steps: Map<string, boolean> }> {
  await mirror.fetch(REPOSITORY, { sha, defaultBranch: "main" });
  const events: BuildEvent[] = [];
  await builder.build({
    context: await mirror.context(REPOSITORY, {
      sha,
      path: ".",
      dockerfile: "Dockerfile",
      maxBytes: 1e8,
    }),
    dockerfile: "Dockerfile",
    target: null,
    args: {},
    tag: TAG,
    labels: {},
    timeoutMs: 60_000,
    onEvent: (event) => void events.push(event),
    signal: new AbortController().signal,
  });
  const output = events.flatMap((event) => (event.kind === "output" ? [event.text] : []));
  const steps = events.flatMap((event) =>
    event.kind === "step" && event.completedAt !== null
      ? [[event.name, event.cached] as const]
      : [],
  );
  return { output: output.join("\n"), steps: new Map(steps) };
}

it("gives the engine every file as it was committed, whatever its name", async () => {
  write({
    Dockerfile: [
      `FROM ${BUSYBOX_IMAGE}`,
      "COPY . /src/",
      `RUN cd /src && echo "names $(find . | hexdump -v -e '1/1 "%02x"')" && ls -l run link && cat link`,
    ].join("\n"),
    run: "#!/bin/sh\n",
    "two\nlines": "1",
    "-rf": "2",
    "sub/ümläut": "3",
    [`${"long/".repeat(30)}file`]: "4",
  });
  chmodSync(join(workTree, "run"), 0o755);
  symlinkSync("sub/ümläut", join(workTree, "link"));
  const blob = server.git(REPOSITORY.name, "hash-object", "-w", "-t", "blob", "run");
  const entry = Buffer.concat([Buffer.from(`100644 ${blob}\traw`), Buffer.from([0xff, 0xfe, 0])]);
  server.git(REPOSITORY.name, "add", "--all");
  execFileSync("git", ["update-index", "-z", "--index-info"], { cwd: workTree, input: entry });
  server.git(REPOSITORY.name, "commit", "--quiet", "-m", "Names");
  server.git(REPOSITORY.name, "push", "--quiet", "origin", "HEAD:refs/heads/main");
  const { output } = await build(server.git(REPOSITORY.name, "rev-parse", "HEAD"));
  const listed = Buffer.from(/^names ([0-9a-f]+)$/m.exec(output)?.[1] ?? "", "hex");
  for (const name of [
    "./two\nlines\n",
    "./-rf\n",
    "./sub/ümläut\n",
    `./${"long/".repeat(30)}file\n`,
  ])
    expect(listed.includes(name)).toBe(true);
  expect(listed.includes(Buffer.from([0x2f, 0x72, 0x61, 0x77, 0xff, 0xfe, 0x0a]))).toBe(true);
  expect(output).toMatch(/-rwxr-xr-x.* run$/m);
  expect(output).toMatch(/link -> sub\//);
  expect(output).toMatch(/^3$/m);
});

it("hits the build cache for the same files in a commit of another time", async () => {
  write({
    Dockerfile: `FROM ${BUSYBOX_IMAGE}\nCOPY app.txt /app.txt\nRUN cat /app.txt\n`,
    "app.txt": "one",
  });
  const first = await build(commit("2026-01-01T00:00:00Z"));
  const copy = [...first.steps.keys()].find((name) => name.includes("COPY")) ?? "";
  const run = [...first.steps.keys()].find((name) => name.includes("RUN")) ?? "";
  expect(first.steps.get(run)).toBe(false);
  write({ "README.md": "not copied" });
  const second = await build(commit("2026-02-02T00:00:00Z"));
  expect(second.steps.get(copy)).toBe(true);
  expect(second.steps.get(run)).toBe(true);
  write({ "app.txt": "two" });
  const third = await build(commit("2026-03-03T00:00:00Z"));
  expect(third.steps.get(run)).toBe(false);
});
