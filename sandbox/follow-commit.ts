import type { LocalGitHub } from "./github/local-github.ts";
import type { SampleRepository } from "./sample-repository.ts";

/** A finished check run as GitHub shows it. */
export interface FinishedCheck {
  readonly id: number;
  readonly name: string;
  readonly conclusion: string;
  readonly title: string;
  readonly summary: string;
  readonly detailsUrl: string;
  /** From the push until GitHub showed the end, in milliseconds. */
  readonly tookMs: number;
}

/** Waits until every check run of a commit is completed on GitHub; fails when none is within the deadline. */
export async function followCommit(
  github: LocalGitHub,
  repository: Pick<SampleRepository, "owner" | "name">,
  sha: string,
  deadlineMs: number,
): Promise<FinishedCheck> {
  const startedAt = Date.now();
  for (;;) {
    const [run] = github.checkRuns({ owner: repository.owner, repo: repository.name, sha });
    if (run?.status === "completed") {
      return {
        id: run.id,
        name: run.name,
        conclusion: run.conclusion ?? "",
        title: run.title ?? "",
        summary: run.summary ?? "",
        detailsUrl: run.detailsUrl ?? "",
        tookMs: Date.now() - startedAt,
      };
    }
    if (Date.now() - startedAt > deadlineMs) {
      const shown = run ? `its check run is still ${run.status}` : "it has no check run";
      throw new Error(
        `following ${sha.slice(0, 7)}: after ${deadlineMs / 1000} s ${shown} on GitHub`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
