import type { Hono } from "hono";
import type { Env } from "../caller.ts";
import { releasesOf } from "../releases.ts";
import { repositoryPath } from "./check-view.ts";
import {
  answer,
  onSubmit,
  type PageParts,
  readActor,
  type Submission,
  withRepository,
} from "./page-route.ts";
import { requireRole } from "./permission.ts";
import { releasePath, renderNewReleasePage, renderReleasesPage } from "./releases-page.ts";

/** Tags and releases: the list, each release, a new one. */
export function addReleasePages(root: Hono<Env>, parts: PageParts): void {
  const { hub } = parts;
  root.get(
    "/:owner/:repo/releases",
    withRepository(parts, (c, repository) =>
      answer(c, renderReleasesPage(hub, repository, { actor: readActor(hub, c, repository) })),
    ),
  );
  root.get(
    "/:owner/:repo/releases/new",
    withRepository(parts, (c, repository) =>
      answer(c, renderNewReleasePage(hub, repository, readActor(hub, c, repository))),
    ),
  );
  root.get(
    "/:owner/:repo/releases/tag/:tag{.+}",
    withRepository(parts, (c, repository) => {
      const tag = c.req.param("tag") ?? "";
      const only = releasesOf(hub, repository).find((one) =>
        one.isDraft ? tag === `untagged-${one.id}` : tag === one.tag,
      );
      if (!only) return c.text("There is no such release.", 404);
      const actor = readActor(hub, c, repository);
      return answer(c, renderReleasesPage(hub, repository, { actor, only }));
    }),
  );
  addReleaseForms(root, parts);
}

function addReleaseForms(root: Hono<Env>, parts: PageParts): void {
  const { operations } = parts;
  const listOf = ({ repository }: Submission) => `${repositoryPath(repository)}/releases`;
  root.post(
    "/:owner/:repo/releases",
    onSubmit(parts, (submission) => create(parts, submission)),
  );
  root.post(
    "/:owner/:repo/releases/:id{[0-9]+}/publish",
    onSubmit(parts, async (submission) => {
      requireWriter(submission, "publishing a release");
      const { repository, name, user, param } = submission;
      const use = { ...name, user, releaseId: Number(param("id")) };
      return releasePath(repository, await operations.editRelease({ ...use, draft: false }));
    }),
  );
  root.post(
    "/:owner/:repo/releases/:id{[0-9]+}/delete",
    onSubmit(parts, (submission) => {
      requireWriter(submission, "deleting a release");
      const { name, user, param } = submission;
      operations.deleteRelease({ ...name, user, releaseId: Number(param("id")) });
      return listOf(submission);
    }),
  );
  root.post(
    "/:owner/:repo/tags/delete",
    onSubmit(parts, async (submission) => {
      requireWriter(submission, "deleting a tag");
      const { name, user, text } = submission;
      await operations.deleteTag({ ...name, name: text("name"), user });
      return listOf(submission);
    }),
  );
}

async function create({ operations }: PageParts, submission: Submission): Promise<string> {
  requireWriter(submission, "creating a tag or release");
  const { repository, name, user, text } = submission;
  const kind = text("kind");
  const tag = text("tag").trim();
  const target = text("target").trim();
  const body = text("body");
  if (kind === "tag") {
    await operations.createTag({
      ...name,
      user,
      name: tag,
      ...(target !== "" && { ref: target }),
      ...(body.trim() !== "" && { message: body.trim() }),
    });
    return `${repositoryPath(repository)}/releases`;
  }
  const title = text("name").trim();
  const release = await operations.createRelease({
    ...name,
    user,
    tag,
    body,
    ...(target !== "" && { target }),
    ...(title !== "" && { name: title }),
    draft: kind === "draft",
    prerelease: kind === "prerelease",
  });
  return releasePath(repository, release);
}

function requireWriter({ repository, user }: Submission, doing: string): void {
  requireRole(repository, user, { least: "write", doing });
}
