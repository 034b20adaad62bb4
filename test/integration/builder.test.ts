import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/clock.ts";
import { createBuildKitBuilder } from "../../src/deployer/docker/buildkit-builder.ts";
import { createDockerClient } from "../../src/deployer/docker/client.ts";
import { encodeHeader } from "../../src/deployer/docker/registry-config.ts";
import type { Builder, BuildEvent, BuildRequest } from "../../src/deployer/ports.ts";
import { SkepError } from "../../src/errors.ts";
import { BUSYBOX_IMAGE } from "../../sandbox/image/base-image.ts";
import { builderContract } from "../contracts/builder.ts";
import { sharedDocker, sharedEngine } from "../support/engine.ts";
import { REGISTRY_USER, removeImagesOf, startRegistry } from "../support/registry.ts";
import { tarContext } from "../support/tar-context.ts";
import { waitUntil } from "../support/wait-until.ts";

const TAG = "localhost/skep-test/built";
const FROM = `FROM ${BUSYBOX_IMAGE}\n`;

function createBuilder(registryAuth: (image: string) => string | null = () => null): Builder {
  const clock = createSystemClock();
  const client = createDockerClient(`unix://${sharedEngine().socketPath}`, clock);
  return createBuildKitBuilder({ client, clock, registryAuth });
}

async function removeImages(): Promise<void> {
  const docker = sharedDocker();
  for (const image of await docker.listImages({ filters: { reference: [`${TAG}*`] } })) {
    await docker.getImage(image.Id).remove({ force: true });
  }
}

builderContract("BuildKit", async () => {
  const registry = await startRegistry();
  const login = encodeHeader({ username: REGISTRY_USER, password: "correct-horse" });
  const builder = createBuilder((image) => (image.startsWith(registry.address) ? login : null));
  const remoteImage = `${registry.address}/skep/remote:1`;
  const remote = { repo: `${registry.address}/skep/remote`, tag: "1" };
  await sharedDocker().getImage(BUSYBOX_IMAGE).tag(remote);
  await builder.push(remoteImage, new AbortController().signal);
  await sharedDocker().getImage(remoteImage).remove();
  return {
    builder,
    presentImage: BUSYBOX_IMAGE,
    missingImage: "localhost:1/skep/none:1",
    remoteImage,
    context: () => tarContext({ Dockerfile: `${FROM}RUN echo hello\n` }),
    tag: `${registry.address}/skep/built:1`,
    settle: async (call) => await call,
    cleanUp: async () => {
      await removeImagesOf(registry);
      await registry.stop();
    },
  };
});

describe("builds with BuildKit", () => {
  let builder: Builder;
  let events: BuildEvent[];
  beforeAll(() => void (builder = createBuilder()));
  afterAll(removeImages);

  async function build(
    files: Readonly<Record<string, string | Buffer>>,
    changes: Partial<BuildRequest> = {},
  ) {
    events = [];
    return await builder.build({
      context: tarContext(files),
      dockerfile: "Dockerfile",
      target: null,
      args: {},
      tag: `${TAG}:1`,
      labels: {},
      timeoutMs: 60_000,
      onEvent: (event) => void events.push(event),
      signal: new AbortController().signal,
      ...changes,
    });
  }
  async function failure(...parameters: Parameters<typeof build>): Promise<SkepError> {
    const error: unknown = await build(...parameters).then(
      () => new Error("the build did not fail"),
      (reason: unknown) => reason,
    );
    if (error instanceof SkepError) return error;
    throw error;
  }
  function outputOf(step: string, stream: "stdout" | "stderr" = "stdout"): readonly string[] {
    const ids = steps(step).map(({ id }) => id);
    return events.flatMap((event) =>
      event.kind === "output" && event.stream === stream && ids.includes(event.stepId)
        ? [event.text]
        : [],
    );
  }
  function steps(part: string): readonly Extract<BuildEvent, { kind: "step" }>[] {
    return events
      .filter((event) => event.kind === "step")
      .filter(({ name }) => name.includes(part));
  }

  it("tells the cached layers from the changed ones", async () => {
    const Dockerfile = `${FROM}RUN date > /date\nCOPY page.html /page.html\n`;
    const first = await build({ Dockerfile, "page.html": "one" });
    expect(steps("RUN date").at(-1)).toMatchObject({ cached: false, error: null });
    const second = await build({ Dockerfile, "page.html": "two" });
    expect(second.imageId).not.toBe(first.imageId);
    expect(steps("RUN date").at(-1)).toMatchObject({ cached: true });
    expect(steps("COPY page").at(-1)).toMatchObject({ cached: false });
    const again = await build({ Dockerfile, "page.html": "two" });
    expect(again.imageId).toBe(second.imageId);
    expect(steps("COPY page").at(-1)).toMatchObject({ cached: true });
  });

  it("tells when a step started and ended, and what it printed meanwhile", async () => {
    const before = Date.now();
    await build({ Dockerfile: `${FROM}RUN echo out; echo err >&2; sleep 0.2; printf 'no end'\n` });
    const [, start, end] = steps("RUN echo out");
    expect(start).toMatchObject({ completedAt: null });
    expect(start?.startedAt).toBeGreaterThanOrEqual(before);
    expect((end?.completedAt ?? 0) - (end?.startedAt ?? 0)).toBeGreaterThanOrEqual(200);
    expect(outputOf("RUN echo out")).toEqual(["out", "no end"]);
    expect(outputOf("RUN echo out", "stderr")).toEqual(["err"]);
    const last = events.findLastIndex((event) => event.kind === "output");
    expect(events.findIndex((event) => event === end)).toBeGreaterThan(last);
  });

  it("uses the arguments, the target, the Dockerfile and the labels that it is given", async () => {
    const Dockerfile = `${FROM.trim()} AS first\nARG WHO\nRUN echo hello $WHO\nFROM first\nRUN exit 1\n`;
    const { imageId } = await build(
      { "docker/App.Dockerfile": Dockerfile },
      {
        dockerfile: "docker/App.Dockerfile",
        target: "first",
        args: { WHO: "you & me; $(exit 1)" },
        labels: { "skep.commit": "abc" },
      },
    );
    expect(outputOf("RUN echo hello")).toEqual(["hello you & me; $(exit 1)"]);
    const { Config } = await sharedDocker().getImage(imageId).inspect();
    expect(Config.Labels).toEqual({ "skep.commit": "abc" });
  });

  it("shows the last lines of the step that failed", async () => {
    const script = "for i in $(seq 1 50); do echo line $i; done; exit 3";
    const error = await failure({ Dockerfile: `${FROM}RUN echo fine\nRUN ${script}\n` });
    expect(error).toMatchObject({ code: "build_failed", retryable: false });
    expect(error.message).toBe(`build step [3/3] RUN ${script}: it exited with code 3`);
    expect(error.evidence).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 31}`));
    expect(error.nextStep).toBeTruthy();
    expect(steps("RUN for").at(-1)?.error).toContain("exit code: 3");
  });

  it("blames the step that failed, not those that were ended with it", async () => {
    const from = FROM.trim();
    const error = await failure({
      Dockerfile: `${from} AS slow\nRUN sleep 30\n${from} AS bad\nRUN sleep 0.5; echo boom; exit 9\n${from}\nCOPY --from=slow /etc/passwd /a\nCOPY --from=bad /etc/passwd /b\n`,
    });
    expect(error.message).toContain("RUN sleep 0.5; echo boom; exit 9: it exited with code 9");
    expect(error.evidence).toEqual(["boom"]);
  });

  it.each([
    ["nothing is there", { readme: "hello" }, "dockerfile_missing", "there is no Dockerfile"],
    [
      "it cannot be parsed",
      { Dockerfile: `${FROM}FOO bar\n` },
      "build_failed",
      "unknown instruction: FOO",
    ],
    [
      "a file is missing",
      { Dockerfile: `${FROM}COPY nothing /\n` },
      "build_failed",
      '"/nothing" not found',
    ],
    [
      "its base is nowhere",
      { Dockerfile: "FROM localhost:1/none:1\n" },
      "build_failed",
      "connection refused",
    ],
  ])("says what is wrong with the Dockerfile: %s", async (_case, files, code, words) => {
    const error = await failure(files);
    expect(error.code).toBe(code);
    expect([error.message, ...error.evidence].join("\n")).toContain(words);
  });

  it("ends a build that takes too long, on the engine too", async () => {
    const Dockerfile = `${FROM}RUN echo begun; sleep 61.5\n`;
    const call = failure({ Dockerfile }, { timeoutMs: 2_000 });
    await waitUntil("the step runs", () => isRunning("sleep 61.5"));
    const error = await call;
    expect(error).toMatchObject({ code: "build_timeout", evidence: ["begun"] });
    expect(error.message).toContain("longer than 2 s: step [2/2] RUN echo begun; sleep 61.5");
    await waitUntil("the step is ended", async () => !(await isRunning("sleep 61.5")));
  });

  it("ends a build that its caller gives up, on the engine too", async () => {
    const controller = new AbortController();
    const call = build(
      { Dockerfile: `${FROM}RUN echo begun; sleep 62.5\n` },
      { signal: controller.signal },
    );
    const rejection = expect(call).rejects.toThrow("enough");
    await waitUntil("the step runs", () => isRunning("sleep 62.5"));
    controller.abort(new Error("enough"));
    await rejection;
    await waitUntil("the step is ended", async () => !(await isRunning("sleep 62.5")));
  });

  it("takes a big context and a lot of output", async () => {
    const big = Buffer.alloc(32 * 1024 * 1024, "x");
    const script = "i=0; while [ $i -lt 20000 ]; do echo row $i; i=$((i+1)); done";
    await build({ Dockerfile: `${FROM}COPY big /big\nRUN wc -c < /big; ${script}\n`, big });
    const lines = outputOf("RUN wc");
    expect(lines[0]).toBe(String(big.length));
    expect(lines.slice(1, 4)).toEqual(["row 0", "row 1", "row 2"]);
    // BuildKit itself clips what comes too fast, and says so.
    expect(lines.length).toBeGreaterThan(5_000);
  });

  it("passes hostile output on as text, one line at a time", async () => {
    const script = String.raw`printf '\033[31mred\033[0m\n'; printf 'a\377b\000c\r\n'; head -c 40000 /dev/zero | tr '\0' x`;
    await build({ Dockerfile: `${FROM}RUN ${script}\n` });
    const [red, bytes, ...long] = outputOf("RUN printf");
    expect(red).toBe("\u001B[31mred\u001B[0m");
    expect(bytes).toBe("a\uFFFDb\u0000c");
    expect(long.map((line) => line.length)).toEqual([16_384, 16_384, 7_232]);
  });
});

/** Whether this command runs on the machine, where the engine's processes are, too. */
async function isRunning(command: string): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return commands.some((text) => text.replaceAll("\0", " ").trim() === command);
}
