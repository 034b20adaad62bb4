import type { RepositoryRef } from "../deployment.ts";
import { SkepError } from "../errors.ts";
import { classifyFetchFailure, firstComplaint, type FetchFailure } from "./fetch-failure.ts";
import type { Git, GitResult } from "./git.ts";

/** Git commands that talk to GitHub, with the token of the repository's installation. */
export interface Remote {
  /** Runs a command that is made with the repository's address; the token is in neither arguments nor output. */
  run(
    repository: RepositoryRef,
    gitDir: string,
    args: (url: string) => readonly string[],
  ): Promise<GitResult>;
}

/** What a remote needs from outside. `timeoutMs` is for one command. */
export interface RemoteDeps {
  readonly git: Git;
  readonly cloneUrl: (repository: RepositoryRef) => string;
  readonly token: (installationId: number) => Promise<string>;
  readonly timeoutMs: number;
}

/** The remote side of all repositories. */
export function createRemote(deps: RemoteDeps): Remote {
  return {
    async run(repository, gitDir, args) {
      const url = deps.cloneUrl(repository);
      const token = await deps.token(repository.installationId);
      const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
      const result = await deps.git.run(args(url), {
        gitDir,
        config: authorization(url, basic),
        timeoutMs: deps.timeoutMs,
      });
      const stderr = result.stderr.replaceAll(token, "[REDACTED]").replaceAll(basic, "[REDACTED]");
      return { ...result, stderr };
    },
  };
}

/** The token goes to the clone URL's own host only, even when that redirects elsewhere. */
function authorization(url: string, basic: string): Record<string, string> {
  const { protocol, origin } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return {};
  return { [`http.${origin}/.extraHeader`]: `Authorization: Basic ${basic}` };
}

/** Why a command on the remote failed; one that took too long is a remote that does not answer. */
export function failureOf({ code, stderr }: GitResult): FetchFailure {
  return code === null ? "unavailable" : classifyFetchFailure(stderr);
}

/** The error for a command on the remote that failed while Skep was `doing` something. */
export function remoteError(
  kind: FetchFailure,
  doing: string,
  result: Pick<GitResult, "code" | "stderr">,
): SkepError {
  const cause = result.code === null ? "it took too long" : firstComplaint(result.stderr);
  if (kind === "not_found")
    return new SkepError("source_not_found", `${doing}: ${cause}`, {
      nextStep: "Check that the commit and the branch still exist, and that the App may read them.",
    });
  return new SkepError("source_unavailable", `${doing}: ${cause}`, {
    retryable: true,
    nextStep:
      kind === "denied"
        ? "Check that the App is installed on the repository and may read its contents."
        : "Skep tries again; if it goes on, look at GitHub's status and Skep's network.",
  });
}
