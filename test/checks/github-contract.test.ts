import { expect } from "vitest";
import { startLocalGitHub } from "../../sandbox/github/local-github.ts";
import { createOctokitGitHub } from "../../src/checks/github.ts";
import { createSystemClock } from "../../src/clock.ts";
import { createGitHubAuth } from "../../src/github/auth.ts";
import { githubContract } from "../contracts/github.ts";
import { createFakeGitHub, githubError } from "../support/fake-github.ts";
import { createRecordedLog } from "../support/recorded-log.ts";
import { REPOSITORY, sha } from "../support/records.ts";
import { makeTempDir } from "../support/temp-dir.ts";

githubContract("the fake", async () => {
  const github = createFakeGitHub(["acme/shop"]);
  return {
    github,
    repository: REPOSITORY,
    sha: sha("a"),
    trouble(kind) {
      const match = {};
      if (kind === "lost") github.failAfter(match, () => githubError(null));
      if (kind === "cut") github.fail(match, () => githubError(null));
      if (kind === "bad_gateway") github.fail(match, () => githubError(502));
      if (kind === "rate_limited")
        github.fail(match, () => githubError(403, { retryAfterMs: 30_000 }));
    },
    cleanUp: () => Promise.resolve(),
  };
});

const TROUBLES = {
  bad_gateway: { status: 502, body: "<html>Bad Gateway</html>" },
  rate_limited: {
    status: 403,
    headers: { "retry-after": "30" },
    body: { message: "You have exceeded a secondary rate limit" },
  },
  cut: { destroy: true },
  lost: { destroyAfter: true },
} as const;

githubContract("the local GitHub, through Octokit", async () => {
  const dir = await makeTempDir();
  const local = await startLocalGitHub({ directory: dir.path });
  await local.createRepository({ owner: "acme", name: "shop" });
  const installation = local.installApp({ owner: "acme" });
  const commit = await local.pushFiles({
    owner: "acme",
    repo: "shop",
    files: { Dockerfile: "FROM scratch\n" },
  });
  const access = { apiUrl: local.apiUrl, clock: createSystemClock() };
  const auth = createGitHubAuth({ app: local.app, ...access });
  return {
    github: createOctokitGitHub({ auth, log: createRecordedLog(), ...access }),
    repository: { ...REPOSITORY, installationId: installation.id },
    sha: commit.sha,
    trouble: (kind) => local.failNext({ method: "POST", path: /^\/repos\//u, ...TROUBLES[kind] }),
    async cleanUp() {
      const problems = local.problems();
      await local.close();
      await dir.remove();
      // Beyond the limits is refused on purpose, and is the one thing that breaks the description.
      expect(problems.filter((problem) => !/65535|more than 50|65536/u.test(problem))).toEqual([]);
    },
  };
});
