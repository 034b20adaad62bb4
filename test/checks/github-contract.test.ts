import { expect } from "vitest";
import { githubContract } from "../contracts/github.ts";
import { createFakeGitHub, githubError } from "../support/fake-github.ts";
import { openLocalShop } from "../support/local-github.ts";
import { REPOSITORY, sha } from "../support/records.ts";

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
  const shop = await openLocalShop();
  const { local, github, repository, sha } = shop;
  return {
    github,
    repository,
    sha,
    trouble: (kind) => local.failNext({ method: "POST", path: /^\/repos\//u, ...TROUBLES[kind] }),
    async cleanUp() {
      const problems = local.problems();
      await shop.close();
      // Beyond the limits is refused on purpose, and is the one thing that breaks the description.
      expect(problems.filter((problem) => !/65535|more than 50|65536/u.test(problem))).toEqual([]);
    },
  };
});
