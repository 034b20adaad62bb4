import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Builder, BuildEvent, BuildRequest } from "../../src/deployer/ports.ts";

/** A builder to hold against the contract, with a registry that it can push to. */
export interface BuilderUnderTest {
  readonly builder: Builder;
  /** On the engine. */
  readonly presentImage: string;
  /** Nowhere. */
  readonly missingImage: string;
  /** In a registry, with a tag, and not on the engine. */
  readonly remoteImage: string;
  /** A context whose build succeeds, prints "hello" and leaves an image with this tag, which a registry takes. */
  readonly context: () => Readable;
  readonly tag: string;
  /** Lets the builder's time pass until the call ends. */
  settle<T>(call: Promise<T>): Promise<T>;
  cleanUp(): Promise<void>;
}

/** What every builder must do, the fake and the real one. */
export function builderContract(name: string, open: () => Promise<BuilderUnderTest>): void {
  describe(`builder: ${name}`, () => {
    let test: BuilderUnderTest;
    let builder: Builder;
    beforeAll(async () => {
      test = await open();
      ({ builder } = test);
    });
    afterAll(async () => test?.cleanUp());

    function request(changes: Partial<BuildRequest> = {}): BuildRequest {
      return {
        context: test.context(),
        dockerfile: "Dockerfile",
        target: null,
        args: {},
        tag: test.tag,
        labels: {},
        timeoutMs: 60_000,
        onEvent: () => undefined,
        signal: new AbortController().signal,
        ...changes,
      };
    }

    it("knows only the images that it has", async () => {
      expect(await builder.imageId(test.presentImage)).toMatch(/^sha256:[0-9a-f]{64}$/u);
      expect(await builder.imageId(test.missingImage)).toBeNull();
    });

    it("builds an image, tells of its steps and output, and has it afterwards", async () => {
      const events: BuildEvent[] = [];
      const onEvent = (event: BuildEvent): void => void events.push(event);
      expect(await builder.imageId(test.tag)).toBeNull();
      const { imageId } = await test.settle(builder.build(request({ onEvent })));
      expect(await builder.imageId(test.tag)).toBe(imageId);
      const output = events.find((event) => event.kind === "output" && event.text === "hello");
      if (output?.kind !== "output") throw new Error("it did not print");
      const ends = events.filter(
        (event) =>
          event.kind === "step" && event.id === output.stepId && event.completedAt !== null,
      );
      expect(ends).toHaveLength(1);
      expect(ends[0]).toMatchObject({ error: null });
    });

    it("ends with the caller's reason when that gives up", async () => {
      const controller = new AbortController();
      const reason = new Error("somebody pushed again");
      const call = builder.build(request({ signal: controller.signal }));
      controller.abort(reason);
      await expect(test.settle(call)).rejects.toBe(reason);
    });

    it("passes on what went wrong with the context", async () => {
      const broken = new Error("the source went away");
      const context = new Readable({
        read() {
          this.destroy(broken);
        },
      });
      await expect(test.settle(builder.build(request({ context })))).rejects.toBe(broken);
    });

    it("pulls what it does not have, or says why it cannot", async () => {
      const { signal } = new AbortController();
      const { imageId } = await builder.pull(test.presentImage, signal);
      expect(await builder.imageId(test.presentImage)).toBe(imageId);
      await expect(builder.pull(test.missingImage, signal)).rejects.toMatchObject({
        code: "image_not_found",
        message: expect.stringMatching(/^pulling image .*: ./u),
      });
    });

    it("tells what a reference means in its registry, and pulls just that", async () => {
      const { signal } = new AbortController();
      const { digest, platforms } = await builder.resolve(test.remoteImage, signal);
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/u);
      expect(platforms).toEqual([{ os: "linux", architecture: expect.stringMatching(/^[a-z]/u) }]);
      expect(await builder.imageId(test.remoteImage)).toBeNull();
      const pinned = `${test.remoteImage}@${digest}`;
      expect((await builder.resolve(pinned, signal)).digest).toBe(digest);
      const { imageId } = await builder.pull(pinned, signal);
      expect(await builder.imageId(pinned)).toBe(imageId);
      expect(await builder.imageId(test.remoteImage)).toBeNull();
    });

    it("says why a reference means nothing", async () => {
      const { signal } = new AbortController();
      await expect(builder.resolve(test.missingImage, signal)).rejects.toMatchObject({
        code: "image_not_found",
        message: expect.stringMatching(/^looking up image .*: ./u),
      });
    });

    it("pushes what it built, and has it under its digest then", async () => {
      const { signal } = new AbortController();
      const { imageId } = await test.settle(builder.build(request()));
      const { digest } = await builder.push(test.tag, signal);
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/u);
      expect((await builder.resolve(test.tag, signal)).digest).toBe(digest);
      expect(await builder.imageId(`${test.tag}@${digest}`)).toBe(imageId);
      expect(await builder.push(test.tag, signal)).toEqual({ digest });
    });

    it("says why it cannot push", async () => {
      const { signal } = new AbortController();
      await expect(builder.push(`${test.tag}-none`, signal)).rejects.toMatchObject({
        code: "push_failed",
        retryable: false,
        message: expect.stringMatching(/^pushing image .*: ./u),
      });
    });

    it.each(["pull", "resolve", "push"] as const)("does not %s for who gave up", async (verb) => {
      const reason = new Error("somebody pushed again");
      const call = builder[verb](test.remoteImage, AbortSignal.abort(reason));
      await expect(call).rejects.toBe(reason);
    });
  });
}
