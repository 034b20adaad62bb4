import { z } from "zod";
import type { RepositoryRef } from "../deployment.ts";
import type { Decoded, Intent } from "../intent.ts";
import type { ErrorCode } from "../errors.ts";

// Names become parts of addresses; GitHub allows nothing else in them.
const name = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]+$/);

const MAX_TITLE = 200;

/** A full commit id; 64 digits in a repository that uses SHA-256. */
export const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

/** What every handler needs of a payload: where it happened, and through which installation. */
export const origin = z.object({
  repository: z.object({
    id: z.number().int().positive(),
    name,
    owner: z.object({ login: name }),
    default_branch: z.string().min(1),
  }),
  installation: z.object({ id: z.number().int().positive() }),
});

/** A time of GitHub's as milliseconds since the epoch. */
export const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** Who did it. GitHub does not promise to name a sender with every event. */
export const sender = z.object({ login: z.string().min(1) });

/** The repository of a payload as intents name it. */
export function repositoryOf(payload: z.infer<typeof origin>): RepositoryRef {
  const { repository, installation } = payload;
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    installationId: installation.id,
  };
}

/** Where a payload is not what GitHub describes, for the record of what was ignored. */
export function describeMismatch(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue?.path.join(".") ?? "";
  return `the payload is not what GitHub describes at ${where === "" ? "its top" : where}`;
}

/** The first line of a text, at most 200 characters. */
export function titleOf(text: string): string {
  const [title = ""] = text.split("\n", 1);
  return title.slice(0, MAX_TITLE);
}

/** Says that a payload asks for something. */
export function asking(intent: Intent): Decoded {
  return { kind: "intent", intent };
}

/** Says that a payload asks for nothing, and why. */
export function ignored(message: string, code: ErrorCode = "event_ignored"): Decoded {
  return { kind: "ignored", code, message };
}
