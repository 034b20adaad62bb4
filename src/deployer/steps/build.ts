import type { LogEntry } from "../../logs/ports.ts";
import type { Build } from "../../release.ts";
import type { StepResult } from "../machine.ts";
import type { BuildEvent } from "../ports.ts";
import type { FoundSource, Run } from "../run.ts";

type FoundBuild = NonNullable<FoundSource["build"]>;

/** Makes the release's image present, building only what was never built, and writes the release. */
export async function buildRelease(run: Run): Promise<StepResult> {
  const found = run.foundSource();
  if (!found) throw new Error("the build step runs after the source step");
  const { signal } = run;
  if (found.build === null) {
    const image = found.definition.image ?? "";
    await run.deps.builder.pull(image, signal);
    await saveRelease(run, found, image);
    return { kind: "done", note: "given image", skipped: true };
  }
  const want = found.build;
  const onWait = (): void => run.say("another deployment builds the same content: waiting for it");
  return run.deps.builds.take({ key: want.key, signal, onWait }, () => buildOnce(run, found, want));
}

async function buildOnce(run: Run, found: FoundSource, want: FoundBuild): Promise<StepResult> {
  const known = await knownBuild(run, want);
  if (known) {
    await saveRelease(run, found, known.image);
    run.say(`image ${known.image} was built before from the same content`);
    return { kind: "done", note: "already built", skipped: true };
  }
  const { steps, cached } = await build(run, found, want);
  await saveRelease(run, found, want.tag);
  return { kind: "done", note: `${steps} steps, ${cached} cached` };
}

/** A build of the same content whose image is still the one recorded. */
async function knownBuild(run: Run, want: FoundBuild): Promise<Build | null> {
  const { store, builder, clock } = run.deps;
  const [recorded, imageId] = await Promise.all([
    store.catalog.build(want.key),
    builder.imageId(want.tag),
  ]);
  if (imageId === null) return null;
  if (recorded) {
    if (recorded.imageId === imageId) return recorded;
    run.say(
      `image ${want.tag} is not the one that was built (${recorded.imageId}): building again`,
      "error",
    );
    return null;
  }
  // An interrupted run of this deployment may have built it without writing so.
  const begun = run.journalEntry("build");
  if (begun === null) return null;
  const built = record(run, want, { imageId, startedAt: begun.at, endedAt: clock.now() });
  await store.catalog.saveBuild(built);
  await run.found("build", { image: want.tag, imageId });
  return built;
}

function record(
  run: Run,
  want: FoundBuild,
  made: { readonly imageId: string; readonly startedAt: number; readonly endedAt: number },
): Build {
  return {
    key: want.key,
    repositoryId: run.deployment().repository.id,
    image: want.tag,
    imageId: made.imageId,
    createdAt: made.endedAt,
    durationMs: made.endedAt - made.startedAt,
  };
}

async function build(
  run: Run,
  found: FoundSource,
  want: FoundBuild,
): Promise<{ readonly steps: number; readonly cached: number }> {
  const { deps } = run;
  const { repository, sha, app, id } = run.deployment();
  const startedAt = deps.clock.now();
  const progress = createBuildLog(run);
  const context = await deps.source.context(repository, {
    sha,
    path: want.contextPath,
    dockerfile: want.dockerfile,
    maxBytes: deps.limits.contextBytes,
  });
  const { imageId } = await run.effect("build", { image: want.tag }, () =>
    deps.builder.build({
      context,
      dockerfile: want.dockerfile,
      target: found.definition.build?.target ?? null,
      args: found.definition.build?.args ?? {},
      tag: want.tag,
      labels: { "skep.repository": String(repository.id), "skep.app": app, "skep.build": want.key },
      timeoutMs: deps.limits.buildMs,
      onEvent: progress.onEvent,
      signal: run.signal,
    }),
  );
  await deps.store.catalog.saveBuild(
    record(run, want, { imageId, startedAt, endedAt: deps.clock.now() }),
  );
  run.say(`built ${want.tag} for deployment ${id}`);
  return progress.count();
}

/** Turns build events into log lines; each step is told when it starts and when it ends. */
function createBuildLog(run: Run): {
  readonly onEvent: (event: BuildEvent) => void;
  readonly count: () => { readonly steps: number; readonly cached: number };
} {
  const names = new Map<string, string>();
  const told = new Set<string>();
  let cached = 0;

  function line(source: string, text: string, level: LogEntry["level"]): void {
    const at = run.deps.clock.now();
    const { id } = run.deployment();
    run.deps.logs.append(id, [{ at, phase: "build", stream: "build", source, level, text }]);
  }

  function onStep(event: Extract<BuildEvent, { kind: "step" }>): void {
    names.set(event.id, event.name);
    if (event.error !== null) return line(event.name, `failed: ${event.error}`, "error");
    if (event.completedAt === null || told.has(event.id)) return;
    told.add(event.id);
    if (event.cached) cached += 1;
    const took = event.completedAt - (event.startedAt ?? event.completedAt);
    line(event.name, event.cached ? "cached" : `done in ${(took / 1000).toFixed(1)} s`, "info");
  }

  return {
    onEvent(event) {
      if (event.kind === "step") return onStep(event);
      line(names.get(event.stepId) ?? "", event.text, "info");
    },
    count: () => ({ steps: told.size, cached }),
  };
}

async function saveRelease(run: Run, found: FoundSource, image: string): Promise<void> {
  const { deps } = run;
  const { repository, app, environment, version, sha } = run.deployment();
  const release = {
    id: deps.ids.next("rel"),
    repositoryId: repository.id,
    app,
    environment,
    version,
    sha,
    buildKey: found.build?.key ?? null,
    image,
    stack: found.definition,
    createdAt: deps.clock.now(),
  };
  // Asked in this order and at once, they share a commit. Should the first one fail, the step is done again.
  await Promise.all([
    deps.store.catalog.saveRelease(release),
    run.patch({ releaseId: release.id }, "release written"),
  ]);
  run.setRelease(release);
}
