/** Commands of Skep that do not work yet: answered so, rather than taken for a mistyped one. */
export const LATER_VERBS: ReadonlySet<string> = new Set([
  "plan",
  "promote",
  "approve",
  "reject",
  "lock",
  "unlock",
  "restart",
  "stop",
  "start",
  "scale",
  "logs",
]);

/**
 * Words that begin a line with `/` and are meant for somebody else: the commands of other bots, and paths that people
 * write. Most are far from any verb of ours; they stand here so that a new verb does not begin to answer them.
 */
export const FOREIGN_WORDS: ReadonlySet<string> = new Set(
  [
    // Prow and its kin.
    "area assign azp bug build cc check-cla cherry-pick cherrypick close duplicate easycla feature good-first-issue",
    "help-wanted hold honk joke kind label lgtm lifecycle meow milestone ok-to-test override pony priority remove",
    "remove-help remove-label remove-lifecycle reopen retest retitle shrug sig skip squash test test-all",
    "transfer transfer-issue triage unassign uncc unhold verify-owners woof",
    // Reviewers, release bots and workflows with slash commands.
    "ask backport bench benchmark changeset ci describe draft e2e fix fmt format gemini improve lint merge preview",
    "publish ready rebase release rename rerun resize review run snapshot summary sync undeploy update",
    // Paths and routes.
    "api app callback candle channel data entry etc fallback healthz heap hello helm home host lib metrics opt",
    "parcel proc public result results retro root src static statics tmp usr var",
  ].flatMap((words) => words.split(" ")),
);
