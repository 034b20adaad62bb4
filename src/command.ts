/** The words that a command begins with. */
export const VERBS = [
  "deploy",
  "rollback",
  "status",
  "history",
  "resume",
  "cancel",
  "retry",
  "help",
] as const;

/** One of the verbs. */
export type Verb = (typeof VERBS)[number];

/**
 * What a line of a comment asks for. Its words are as typed, unchecked against the repository: hostile text, that policy
 * resolves.
 */
export type Command =
  | {
      readonly verb: "deploy";
      /** `[app] [environment]`, without `to`. */
      readonly words: readonly string[];
      /** What to deploy; null for the pull request's head. */
      readonly at: string | null;
    }
  | {
      /** `[app] [environment] [version | sha | count]`. */
      readonly verb: "rollback";
      readonly words: readonly string[];
    }
  | {
      /** `[app] [environment]`; for `help`, `[verb]`. */
      readonly verb: Exclude<Verb, "deploy" | "rollback">;
      readonly words: readonly string[];
    };
