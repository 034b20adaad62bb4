import { deployLine } from "../policy/commands/command-lines.ts";

/** The words for a comment that deploys a commit, with the command to be copied where there is one. */
export function offerDeploy(environment: string, sha: string): string {
  const line = deployLine(environment, sha);
  return line === null ? `deploy commit ${sha} by name` : `comment \`${line}\``;
}
