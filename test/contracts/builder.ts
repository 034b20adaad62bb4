import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Builder, BuildEvent, BuildRequest } from "../../src/deployer/ports.ts";

/** A builder to hold against the contract, with an image that it has and one that nobody has. */
export interface BuilderUnderTest {
  readonly builder: Builder;
  readonly presentImage: string;
  readonly missingImage: string;
  /** A context whose build succeeds, prints "hello" and leaves an image with this tag. */
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
  });
}
