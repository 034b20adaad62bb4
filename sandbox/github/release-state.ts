import { z } from "zod";

/** A release: a tag with a name and notes. */
export const release = z.object({
  id: z.number(),
  repositoryId: z.number(),
  tag: z.string(),
  /** Where the tag is made when there is none: a branch or a commit. */
  target: z.string(),
  name: z.string().nullable(),
  body: z.string().nullable(),
  isDraft: z.boolean(),
  isPrerelease: z.boolean(),
  author: z.string(),
  /** The date of the commit, not of the release. */
  createdAt: z.string(),
  /** Null for a draft. */
  publishedAt: z.string().nullable(),
  updatedAt: z.string(),
});

/** A release. */
export type Release = z.infer<typeof release>;
