import { Octokit } from "@octokit/rest";
import { z } from "zod";
import type { Logger } from "../logger.ts";
import { requestSignal, type GitHubAccess, type GitHubAuth } from "./auth.ts";

/** What a client needs besides the way to GitHub. */
export interface ClientDeps extends GitHubAccess {
  readonly auth: GitHubAuth;
  readonly log: Logger;
}

const refusedToken = z.object({ status: z.literal(401) });

/** An Octokit that acts for one installation: a deadline on each request, no retries and no throttling. */
export function createInstallationClient(deps: ClientDeps, installationId: number): Octokit {
  const { auth, log } = deps;
  const quiet = (): void => undefined;
  const client = new Octokit({
    baseUrl: deps.apiUrl.replace(/\/$/u, ""),
    request: deps.fetch ? { fetch: deps.fetch } : {},
    // What fails is thrown and logged by who called; Octokit's own words are left to the deprecations.
    log: {
      debug: quiet,
      info: quiet,
      warn: (message: string) => log.warn({ message }, "GitHub client warns"),
      error: quiet,
    },
  });
  client.hook.wrap("request", async (request, options) => {
    const token = await auth.installationToken(installationId);
    options.headers.authorization = `token ${token}`;
    options.request = { ...options.request, signal: requestSignal(deps) };
    try {
      return await request(options);
    } catch (error) {
      if (refusedToken.safeParse(error).success) auth.forget(token);
      throw error;
    }
  });
  return client;
}
