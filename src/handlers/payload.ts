import { z } from "zod";

/** What every handler needs of a payload: where it happened, and through which installation. */
export const origin = z.object({
  repository: z.object({
    id: z.number().int().positive(),
    name: z.string().min(1),
    owner: z.object({ login: z.string().min(1) }),
    default_branch: z.string().min(1),
  }),
  installation: z.object({ id: z.number().int().positive() }),
  sender: z.object({ login: z.string().min(1) }),
});

/** The repository of a payload as intents name it. */
export function repositoryOf(payload: z.infer<typeof origin>): {
  id: number;
  owner: string;
  name: string;
  installationId: number;
} {
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
