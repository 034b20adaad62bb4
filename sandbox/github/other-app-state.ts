import { z } from "zod";

/** An App besides ours, such as GitHub Actions; its bot is a user of type `Bot` with a token. */
export const otherApp = z.object({
  id: z.number(),
  slug: z.string(),
  name: z.string(),
  /** The account it is installed on, with all its repositories. */
  account: z.string(),
  permissions: z.record(z.string(), z.string()),
  createdAt: z.string(),
});

/** An App besides ours. */
export type OtherApp = z.infer<typeof otherApp>;
