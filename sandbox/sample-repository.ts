import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalGitHub } from "./github/local-github.ts";
import type { Sample } from "./samples.ts";

const run = promisify(execFile);

/** The sample repository, cloned. */
export interface SampleRepository {
  readonly owner: string;
  readonly name: string;
  readonly pageUrl: string;
  /** The clone that a person works in. */
  readonly folder: string;
  /** The file of the clone that `greet` changes. */
  readonly greetingFile: string;
  /** From a push until GitHub shows its end, at most. */
  readonly deadlineMs: number;
  /** Commits all changes of the clone and pushes them; returns the commit. */
  push(message: string): Promise<string>;
  /** Changes what the app says. */
  greet(greeting: string): Promise<void>;
}

/** Creates the sample repository on the local GitHub, with the App installed, and clones it. Nothing is pushed yet. */
export async function createSampleRepository(
  github: LocalGitHub,
  options: {
    readonly sample: Sample;
    readonly folder: string;
    /** Where each environment's app answers. */
    readonly urls: Readonly<Record<"production" | "staging", string>>;
  },
): Promise<SampleRepository> {
  const { folder, sample } = options;
  github.addUser({ login: "ana", name: "Ana" });
  const repository = await github.createRepository({ owner: "ana", name: sample.name });
  github.installApp({ owner: "ana" });
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("git", ["-C", folder, ...args]);
    return stdout.trim();
  };
  await run("git", ["clone", "--quiet", repository.cloneUrl, folder]);
  await git("config", "user.name", "Ana");
  await git("config", "user.email", "ana@example.com");
  await git("checkout", "-q", "-B", repository.defaultBranch);
  await cp(join(import.meta.dirname, sample.folder), folder, { recursive: true });
  const config = join(folder, ".github/skep.yml");
  const template = await readFile(config, "utf8");
  const { production, staging } = options.urls;
  await writeFile(
    config,
    template.replace("{{production}}", production).replace("{{staging}}", staging),
  );

  return {
    owner: repository.owner,
    name: repository.name,
    pageUrl: repository.url,
    folder,
    greetingFile: sample.greetingFile,
    deadlineMs: sample.deadlineMs,
    async push(message) {
      await git("add", "--all");
      await git("commit", "--quiet", "-m", message);
      await git("push", "--quiet", "origin", repository.defaultBranch);
      return git("rev-parse", "HEAD");
    },
    async greet(greeting) {
      const file = join(folder, sample.greetingFile);
      const text = await readFile(file, "utf8");
      const changed = text.replace(
        /(GREETING = |"greeting": )".*"/u,
        (_, before: string) => before + JSON.stringify(greeting),
      );
      await writeFile(file, changed);
    },
  };
}
