import { git } from "./git.ts";
import { readCommits } from "./git-commits.ts";
import type { Turns } from "./git-http.ts";
import { findUser, gitDirectory } from "./hub.ts";
import { mergeTrees, type PullRequest, readBranch, writeMerge } from "./pull-refs.ts";
import { markMerged } from "./pulls.ts";
import { watchRefs } from "./push-events.ts";
import type { Repository } from "./state.ts";
import type { LiveHub } from "./webhooks.ts";

/** How a pull request is merged. */
export type MergeMethod = "merge" | "squash";

/** Merges a pull request as GitHub's button does: pushes the base branch, then closes; returns the new commit. */
export async function mergePull(
  hub: LiveHub,
  turns: Turns,
  place: { readonly repository: Repository; readonly request: PullRequest },
  use: { readonly method: MergeMethod; readonly sender: string },
): Promise<string> {
  const { repository, request } = place;
  if (request.state === "closed" || request.pull.isDraft)
    throw new Error(`merging pull request ${request.number}: it is closed or a draft`);
  return turns.run(repository.id, async () => {
    let sha = "";
    const act = async (): Promise<void> => {
      sha = await writeResult(hub, place, use);
    };
    await watchRefs(hub, { repository, pusher: use.sender }, act);
    // The push itself tells a merge commit's pull request that it is merged, but not a squashed one's.
    if (request.pull.mergedAt === null)
      await markMerged(hub, repository, request, { sha, sender: use.sender });
    return sha;
  });
}

async function writeResult(
  hub: LiveHub,
  { repository, request }: { readonly repository: Repository; readonly request: PullRequest },
  { method, sender }: { readonly method: MergeMethod; readonly sender: string },
): Promise<string> {
  const { pull, number } = request;
  const directory = gitDirectory(hub, repository);
  const base = await readBranch(directory, pull.baseBranch);
  const tree = base && (await mergeTrees(directory, base, pull.headSha));
  if (!base || !tree)
    throw new Error(`merging pull request ${number}: it conflicts with ${pull.baseBranch}`);
  const isSquash = method === "squash";
  // A squashed commit stays its author's, a merge is by whoever pressed the button.
  const author = isSquash ? request.author : sender;
  const user = findUser(hub, author);
  const commits = isSquash ? await readCommits(directory, [pull.headSha, `^${base}`]) : [];
  const list = commits.toReversed().map((one) => `* ${one.message}`);
  const sha = await writeMerge(hub, directory, {
    tree,
    parents: isSquash ? [base] : [base, pull.headSha],
    message: isSquash
      ? [`${request.title} (#${number})`, ...list].join("\n\n")
      : `Merge pull request #${number} from ${pull.headOwner}/${pull.headBranch}\n\n${request.title}`,
    author: {
      name: user?.name ?? author,
      email: user?.email ?? `${author}@users.noreply.localhost`,
    },
  });
  await git(directory, ["update-ref", `refs/heads/${pull.baseBranch}`, sha, base]);
  return sha;
}
