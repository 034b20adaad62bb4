import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { GITHUB_TIMEOUT_MS, toGitHubError } from "./errors.ts";

/** How Skep proves to GitHub which installation it acts for. */
export interface GitHubAuth {
  /** A token that is good for at least five minutes more; asked for once an hour. Throws `github_unavailable`. */
  installationToken(installationId: number): Promise<string>;
  /** Tells that GitHub refused a token, so that it is not given out again. */
  forget(token: string): void;
}

/** Where GitHub's API is, and how it is called. */
export interface GitHubAccess {
  /** Root of the REST API, e.g. `https://api.github.com`. */
  readonly apiUrl: string;
  readonly fetch?: typeof fetch;
  readonly clock: Clock;
  /** Aborted when the process waits for GitHub no longer. */
  readonly ending?: AbortSignal;
}

/** Ends one request to GitHub: at its deadline, or with the process. */
export function requestSignal({ clock, ending }: GitHubAccess): AbortSignal {
  const deadline = clock.deadline(GITHUB_TIMEOUT_MS);
  return ending ? AbortSignal.any([deadline, ending]) : deadline;
}

const MARGIN_MS = 5 * 60_000;

/** What fails is thrown; Octokit's own words about it would go to the console. */
const QUIET = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (): void => undefined,
};

const issued = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });
type Issued = { readonly token: string; readonly expiresAt: number };

/** Installation tokens of one App, cached and asked for once however many ask at the same time. */
export function createGitHubAuth(
  access: GitHubAccess & {
    readonly app: { readonly id: number; readonly privateKey: string };
  },
): GitHubAuth {
  const { app, apiUrl, clock } = access;
  const signer = createAppAuth({ appId: app.id, privateKey: app.privateKey });
  const octokit = new Octokit({
    baseUrl: apiUrl.replace(/\/$/u, ""),
    request: access.fetch ? { fetch: access.fetch } : {},
    log: QUIET,
  });
  const tokens = new Map<number, Promise<Issued>>();

  // auth-app's own cache is not used: it keeps a refused token for an hour, and shares requests under way between
  // Apps that happen to have equal installation ids.
  async function request(installationId: number): Promise<Issued> {
    try {
      const { token: jwt } = await signer({ type: "app" });
      const { data } = await octokit.rest.apps.createInstallationAccessToken({
        installation_id: installationId,
        headers: { authorization: `bearer ${jwt}` },
        request: { signal: requestSignal(access) },
      });
      const parsed = issued.parse(data);
      return { token: parsed.token, expiresAt: Date.parse(parsed.expires_at) };
    } catch (error) {
      const action = `asking for a token of installation ${installationId}`;
      throw toGitHubError(action, error, clock.now());
    }
  }

  function renew(installationId: number): Promise<Issued> {
    const asked = request(installationId);
    tokens.set(installationId, asked);
    asked.catch(() => {
      if (tokens.get(installationId) === asked) tokens.delete(installationId);
    });
    return asked;
  }

  return {
    async installationToken(installationId) {
      const known = tokens.get(installationId);
      const current = await (known ?? renew(installationId));
      if (current.expiresAt - MARGIN_MS > clock.now()) return current.token;
      // Somebody else may have renewed it while this one waited.
      const newer = tokens.get(installationId);
      const next = newer !== undefined && newer !== known ? newer : renew(installationId);
      return (await next).token;
    },
    forget(token) {
      for (const [installationId, known] of tokens) {
        void known.then(
          (held) => {
            if (held.token === token && tokens.get(installationId) === known)
              tokens.delete(installationId);
          },
          () => undefined,
        );
      }
    },
  };
}
