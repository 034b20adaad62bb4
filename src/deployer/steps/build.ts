import type { Build, ReleaseImage } from "../../release.ts";
import { bindImages, type BoundImage } from "../../stack/draft.ts";
import { createBuildLog } from "../build-log.ts";
import type { StepResult } from "../machine.ts";
import type { FoundBuild, FoundSource, Run } from "../run.ts";
import { bindGivenImages } from "./given-images.ts";

/** What came of the images of a stack. */
interface Tally {
  readonly built: number;
  readonly known: number;
  readonly steps: number;
  readonly cached: number;
}

/** Makes the release's images present, building only what was never built, and writes the release. */
export async function buildRelease(run: Run): Promise<StepResult> {
  const found = run.foundSource();
  if (!found) throw new Error("the build step runs after the source step");
  // A name that is nowhere is told before time goes into builds.
  const given = await bindGivenImages(run, found.draft, found.live);
  if (!given.ok) return { kind: "failed", failure: given.failure };
  let tally: Tally = { built: 0, known: 0, steps: 0, cached: 0 };
  const images = new Map<string, Build>();
  for (const want of found.builds) {
    if (images.has(want.key)) continue;
    const { build, made } = await takeTurn(run, want);
    images.set(want.key, build);
    tally = made === null ? { ...tally, known: tally.known + 1 } : add(tally, made);
  }
  const built = found.builds.flatMap(({ service, key }): [string, BoundImage][] => {
    const build = images.get(key);
    return build ? [[service, bindBuild(run, build)]] : [];
  });
  await saveRelease(run, found, { ...given.images, ...Object.fromEntries(built) });
  return { kind: "done", note: noteOf(tally), skipped: tally.built === 0 };
}

function add(tally: Tally, made: NonNullable<Made["made"]>): Tally {
  const { built, known, steps, cached } = tally;
  return { built: built + 1, known, steps: steps + made.steps, cached: cached + made.cached };
}

function noteOf({ built, known, steps, cached }: Tally): string {
  if (built + known === 0) return "given image";
  if (built === 0) return "already built";
  const counts = `${steps} steps, ${cached} cached`;
  return built + known === 1 ? counts : `${built} images, ${counts}; ${known} already built`;
}

/** A build that is there, and what it took when it was made just now. */
interface Made {
  readonly build: Build;
  readonly made: { readonly steps: number; readonly cached: number } | null;
}

async function takeTurn(run: Run, want: FoundBuild): Promise<Made> {
  const { signal } = run;
  const onWait = (): void => run.say("another deployment builds the same content: waiting for it");
  return run.deps.builds.take({ key: want.key, signal, onWait }, () => buildOnce(run, want));
}

async function buildOnce(run: Run, want: FoundBuild): Promise<Made> {
  const known = await knownBuild(run, want);
  if (known !== null) run.say(`image ${known.image} was built before from the same content`);
  const made = known === null ? await build(run, want) : { build: known, made: null };
  return { ...made, build: await push(run, made.build) };
}

/** A build of the same content whose image is still the one recorded. */
async function knownBuild(run: Run, want: FoundBuild): Promise<Build | null> {
  const { store, builder, clock } = run.deps;
  const [recorded, imageId] = await Promise.all([
    store.catalog.build(want.key),
    builder.imageId(want.tag),
  ]);
  if (imageId === null) return null;
  if (recorded?.image === want.tag) {
    if (recorded.imageId === imageId) return recorded;
    run.say(
      `image ${want.tag} is not the one that was built (${recorded.imageId}): building again`,
      "error",
    );
    return null;
  }
  // An interrupted run of this deployment may have built it without writing so.
  const begun = run.journalEntry(stepOf(want));
  if (begun === null) return null;
  const built = record(run, want, { imageId, startedAt: begun.at, endedAt: clock.now() });
  await store.catalog.saveBuild(built);
  await run.found(stepOf(want), { image: want.tag, imageId });
  return built;
}

function stepOf({ key }: FoundBuild): string {
  return `build ${key.slice(0, 16)}`;
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
    digest: null,
    createdAt: made.endedAt,
    durationMs: made.endedAt - made.startedAt,
  };
}

async function build(run: Run, want: FoundBuild): Promise<Made> {
  const { deps } = run;
  const { repository, sha, app, id } = run.deployment();
  const startedAt = deps.clock.now();
  const progress = createBuildLog(run);
  const { context: path, dockerfile, target, args } = want.definition;
  const context = await deps.source.context(repository, {
    sha,
    path,
    dockerfile,
    maxBytes: deps.limits.contextBytes,
  });
  const { imageId } = await run.effect(stepOf(want), { image: want.tag }, () =>
    deps.builder.build({
      context,
      dockerfile,
      target,
      args,
      tag: want.tag,
      labels: { "skep.repository": String(repository.id), "skep.app": app, "skep.build": want.key },
      timeoutMs: deps.limits.buildMs,
      onEvent: progress.onEvent,
      signal: run.signal,
    }),
  );
  const built = record(run, want, { imageId, startedAt, endedAt: deps.clock.now() });
  await deps.store.catalog.saveBuild(built);
  run.say(`built ${want.tag} for deployment ${id}`);
  return { build: built, made: progress.count() };
}

/** Pushes an image that the registry does not have yet. */
async function push(run: Run, built: Build): Promise<Build> {
  const { builder, store, registry } = run.deps;
  if (registry === null || built.digest !== null) return built;
  const { digest } = await run.effect(
    `push ${built.key.slice(0, 16)}`,
    { image: built.image },
    () => builder.push(built.image, run.signal),
  );
  const pushed = { ...built, digest };
  await store.catalog.saveBuild(pushed);
  run.say(`pushed ${built.image}@${digest}`);
  return pushed;
}

function bindBuild(run: Run, { key, image, imageId, digest }: Build): BoundImage {
  const [os = "", architecture = ""] = run.deps.platform.split("/");
  const platforms = [{ os, architecture }];
  const bound: ReleaseImage = { reference: image, buildKey: key, digest, imageId, platforms };
  return { image: bound, runs: digest === null ? image : `${image}@${digest}` };
}

async function saveRelease(
  run: Run,
  { draft }: FoundSource,
  images: Readonly<Record<string, BoundImage>>,
): Promise<void> {
  const { deps } = run;
  const { repository, app, environment, version, sha } = run.deployment();
  const release = {
    id: deps.ids.next("rel"),
    repositoryId: repository.id,
    app,
    environment,
    version,
    sha,
    stack: bindImages(draft, images),
    createdAt: deps.clock.now(),
  };
  // Asked in this order and at once, they share a commit. Should the first one fail, the step is done again.
  await Promise.all([
    deps.store.catalog.saveRelease(release),
    run.patch({ releaseId: release.id }, "release written"),
  ]);
  run.setRelease(release);
}
