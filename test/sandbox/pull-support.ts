import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { git, type Received, type Setup, takeSent } from "./github-support.ts";

/** A clone to push from, and what pull requests are looked at with. */
export interface Clone {
  /** Where the clone lies. */
  readonly work: string;
  /** Commits a file to the branch that is checked out; returns the commit. */
  commit(file: string): Promise<string>;
  /** Commits a file on a branch, made when it is new, and pushes it. */
  pushBranch(branch: string, file?: string): Promise<string>;
  /** The webhooks since the last call, in the order in which they were sent. */
  sent(): Promise<Received[]>;
  /** Every ref that a client sees, with its commit. */
  remoteRefs(url?: string): Promise<Map<string, string>>;
  /** Fetches a ref or commit with the App's token; returns its commit. */
  fetchAsApp(ref: string): Promise<string>;
}

/** Clones the repository of a set-up. */
export async function cloneRepository(setup: Setup): Promise<Clone> {
  const { directory, cloneUrl, octokit } = setup;
  const work = join(directory, "work");
  await git(directory, "clone", "--quiet", cloneUrl, work);
  const commit = async (file: string) => {
    await writeFile(join(work, file), file);
    await git(work, "add", "--all");
    await git(work, "commit", "--quiet", "-m", `Change ${file}`);
    return git(work, "rev-parse", "HEAD");
  };
  return {
    work,
    commit,
    pushBranch: async (branch, file = `${branch}.txt`) => {
      await git(work, "checkout", "--quiet", "-B", branch);
      const sha = await commit(file);
      await git(work, "push", "--quiet", "origin", branch);
      return sha;
    },
    sent: () => takeSent(setup),
    remoteRefs: async (url = cloneUrl) => {
      const lines = (await git(directory, "ls-remote", url)).split("\n");
      return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
    },
    fetchAsApp: async (ref) => {
      const auth = await octokit.auth({ type: "installation" });
      const { token } = z.object({ token: z.string() }).parse(auth);
      const url = Object.assign(new URL(cloneUrl), { username: "x-access-token", password: token });
      await git(work, "fetch", "--quiet", url.href, ref);
      return git(work, "rev-parse", "FETCH_HEAD");
    },
  };
}

/** What webhooks tell, as `event.action`. */
export function eventNames(received: readonly Received[]): string[] {
  return received.map(({ event, payload }) =>
    typeof payload.action === "string" ? `${event}.${payload.action}` : event,
  );
}
