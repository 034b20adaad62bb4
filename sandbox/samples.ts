/** An app that the sandbox deploys: a folder that becomes a repository. */
export interface Sample {
  /** Beside this file. */
  readonly folder: string;
  /** The repository's name, and the app's. */
  readonly name: string;
  /** The file with the greeting that the app's page shows. */
  readonly greetingFile: string;
  /** Where the proxy finds each environment's page; `address` is the engine's. */
  readonly routes: (address: string) => Readonly<Record<"production" | "staging", string>>;
  /** From a push until GitHub shows its end, at most. */
  readonly deadlineMs: number;
}

/** By the word after `--sample`. */
export const SAMPLES = {
  hello: {
    folder: "sample",
    name: "hello",
    greetingFile: "server.js",
    routes: () => ({ production: "hello-production_hello", staging: "hello-staging_hello" }),
    deadlineMs: 60_000,
  },
  stack: {
    folder: "sample-stack",
    name: "guestbook",
    greetingFile: "config/web.json",
    // The ports that its `.github/skep.yml` publishes.
    routes: (address) => ({ production: `${address}:8080`, staging: `${address}:8081` }),
    deadlineMs: 180_000,
  },
} as const satisfies Readonly<Record<string, Sample>>;

/** The sample of that name; throws, naming all, when there is none. */
export function findSample(name: string): Sample {
  const found = Object.entries(SAMPLES).find(([key]) => key === name);
  if (found !== undefined) return found[1];
  throw new Error(
    `there is no sample ${JSON.stringify(name)}: choose ${Object.keys(SAMPLES).join(" or ")}`,
  );
}
