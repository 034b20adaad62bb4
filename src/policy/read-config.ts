import type { RepositoryRef } from "../deployment.ts";
import type { Source } from "../source/ports.ts";
import { parseConfig, type ParsedConfig } from "./config/config.ts";

/** Where the policy and what is deployed are described. */
export const CONFIG_PATH = ".github/skep.yml";

/** A repository's config as two commits describe it. */
export interface ReadConfig {
  /** The policy with the content of the commit. */
  readonly parsed: ParsedConfig;
  /**
   * The same when that can be read, else the policy alone: with content that cannot be read, it still tells whom the
   * problems concern. What it says of the app is made up then.
   */
  readonly policy: ParsedConfig;
}

/** Reads the policy at `policySha` and the content at `sha`; both commits must be in the mirror. */
export async function readConfig(
  source: Source,
  want: {
    readonly repository: RepositoryRef;
    readonly policySha: string;
    readonly sha: string;
    readonly defaultBranch: string;
  },
): Promise<ReadConfig> {
  const { repository, policySha, sha, defaultBranch } = want;
  const [policyText, contentText, dockerfile] = await Promise.all([
    source.readFile(repository, policySha, CONFIG_PATH),
    source.readFile(repository, sha, CONFIG_PATH),
    source.objectId(repository, sha, "Dockerfile"),
  ]);
  const known = { repositoryName: repository.name, defaultBranch };
  const hasDockerfile = dockerfile !== null;
  const parsed = parseConfig({ ...known, policyText, contentText, hasDockerfile });
  const policy = parsed.ok
    ? parsed
    : parseConfig({ ...known, policyText, contentText: null, hasDockerfile: true });
  return { parsed, policy };
}
