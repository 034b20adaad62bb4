import { z } from "zod";
import type { Clock } from "../../clock.ts";
import { SkepError } from "../../errors.ts";
import type { Builder, BuildRequest } from "../ports.ts";
import { buildError, timeoutError } from "./build-failure.ts";
import { createBuildProgress, type BuildProgress } from "./build-progress.ts";
import { openBuildSession } from "./build-session.ts";
import { createTraceDecoder, type TraceDecoder } from "./buildkit-trace.ts";
import { readAnswer, refusalError, unreachable } from "./engine-failure.ts";
import { pullImage, readImageId, type ImageAccess } from "./image-pull.ts";
import { pushImage } from "./image-push.ts";
import { createImageResolver } from "./image-resolve.ts";
import { readJsonLines } from "./json-lines.ts";

/** `aux` is BuildKit's progress, or the result; `error` is how a failure is told. */
const buildLine = z.object({
  aux: z.union([z.string(), z.object({ ID: z.string() })]).optional(),
  error: z.string().optional(),
});

interface Build {
  readonly request: BuildRequest;
  readonly action: string;
  readonly session: string;
  readonly progress: BuildProgress;
  readonly signal: AbortSignal;
}

/** What images are built with, and how they come from registries and go there. */
export interface BuildKitBuilderOptions extends ImageAccess {
  readonly clock: Clock;
}

/** Builds images with the BuildKit inside an engine. */
export function createBuildKitBuilder(options: BuildKitBuilderOptions): Builder {
  const { client, clock } = options;
  const decode = createTraceDecoder();
  let builds = 0;

  return {
    imageId: async (reference) => await readImageId(client, reference),
    pull: async (reference, signal) => ({ imageId: await pullImage(options, reference, signal) }),
    resolve: createImageResolver(options, clock),
    push: async (reference, signal) => ({ digest: await pushImage(options, reference, signal) }),
    build: async (request) => {
      const { context, onEvent, tag, timeoutMs } = request;
      const action = `building image ${tag}`;
      const deadline = clock.deadline(timeoutMs);
      const progress = createBuildProgress(onEvent);
      const signal = AbortSignal.any([request.signal, deadline]);
      // Of an ID with a colon, BuildKit looks for what follows it, and waits in vain.
      const name = tag.replaceAll(/[^\w.-]/gu, "-");
      const session = `skep-${clock.now()}-${++builds}-${name}`;
      const build: Build = { request, action, session, progress, signal };
      // docker-modem ends the call when the context fails, and so does `errored` tell why.
      context.on("error", () => undefined);
      try {
        return { imageId: await runBuild(options, decode, build) };
      } catch (error) {
        request.signal.throwIfAborted();
        if (deadline.aborted) throw timeoutError(action, timeoutMs, progress);
        if (context.errored) throw context.errored;
        throw error instanceof SkepError ? error : unreachable(action, client.name, error);
      } finally {
        context.destroy();
      }
    },
  };
}

async function runBuild(
  access: ImageAccess,
  decode: TraceDecoder,
  { request, action, session, progress, signal }: Build,
): Promise<string> {
  const closeSession = await openBuildSession(access, session, signal);
  try {
    const answer = await access.client.stream({
      action,
      method: "POST",
      path: "/build",
      query: { ...buildQuery(request), session },
      upload: request.context,
      signal,
    });
    if (answer.kind === "refused") throw refusalError(action, answer);
    const result = await readBuild(readJsonLines(answer.body), decode, progress);
    if (result.kind === "built") return result.imageId;
    throw buildError(action, request.dockerfile, result.message, progress);
  } finally {
    closeSession();
  }
}

function buildQuery(request: BuildRequest): Readonly<Record<string, string>> {
  const { args, dockerfile, labels, tag, target } = request;
  return {
    version: "2",
    t: tag,
    dockerfile,
    buildargs: JSON.stringify(args),
    labels: JSON.stringify(labels),
    ...(target === null ? {} : { target }),
  };
}

type BuildResult =
  | { readonly kind: "built"; readonly imageId: string }
  | { readonly kind: "failed"; readonly message: string };

/** The engine says in the stream, not by the call's status, that a build failed. */
async function readBuild(
  lines: AsyncIterable<unknown>,
  decode: TraceDecoder,
  progress: BuildProgress,
): Promise<BuildResult> {
  let imageId: string | null = null;
  let message: string | null = null;
  for await (const line of lines) {
    const { aux, error } = readAnswer(buildLine, line, "reading the progress of a build");
    if (typeof aux === "string") progress.take(decode(aux));
    else if (aux !== undefined) imageId = aux.ID;
    message ??= error ?? null;
  }
  progress.finish();
  if (message !== null) return { kind: "failed", message };
  if (imageId === null) throw new Error("it ended the build without a result");
  return { kind: "built", imageId };
}
