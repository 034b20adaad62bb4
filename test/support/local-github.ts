import { startLocalGitHub, type LocalGitHub } from "../../sandbox/github/local-github.ts";
import { createOctokitGitHub } from "../../src/checks/github.ts";
import type { GitHub } from "../../src/checks/ports.ts";
import { createSystemClock } from "../../src/clock.ts";
import type { RepositoryRef } from "../../src/deployment.ts";
import { createGitHubAuth } from "../../src/github/auth.ts";
import { createRecordedLog } from "./recorded-log.ts";
import { makeTempDir } from "./temp-dir.ts";

/** A local GitHub with the repository `acme/shop`, one commit in it, and the App installed. */
export interface LocalShop {
  readonly local: LocalGitHub;
  /** The App's way to it, through Octokit. */
  readonly github: GitHub;
  readonly repository: RepositoryRef;
  readonly sha: string;
  close(): Promise<void>;
}

/** Starts one for a test. */
export async function openLocalShop(): Promise<LocalShop> {
  const dir = await makeTempDir();
  const local = await startLocalGitHub({ directory: dir.path });
  const { id } = await local.createRepository({ owner: "acme", name: "shop" });
  const installation = local.installApp({ owner: "acme" });
  const files = { Dockerfile: "FROM scratch\n", ".github/skep.yml": "apps:\n" };
  const { sha } = await local.pushFiles({ owner: "acme", repo: "shop", files });
  const access = { apiUrl: local.apiUrl, clock: createSystemClock() };
  const auth = createGitHubAuth({ app: local.app, ...access });
  return {
    local,
    github: createOctokitGitHub({ auth, log: createRecordedLog(), ...access }),
    repository: { id, owner: "acme", name: "shop", installationId: installation.id },
    sha,
    async close() {
      await local.close();
      await dir.remove();
    },
  };
}
