import type { Command } from "../../src/command.ts";
import { parseComment } from "../../src/commands/parse.ts";
import type { Deployment } from "../../src/deployment.ts";
import type { CommandIntent } from "../../src/intent.ts";
import type { Ran } from "../../src/policy/commands/command-facts.ts";
import type { Place } from "../../src/policy/known-places.ts";
import type { Release } from "../../src/release.ts";
import { deployment } from "./deployments.ts";
import { commandComment, REPOSITORY, sha } from "./records.ts";
import { releaseService, releaseStack } from "./release-stacks.ts";

/** A line of a comment on pull request 5, as its handler decodes it. */
export function commandIntent(text: string, overrides: Partial<CommandIntent> = {}): CommandIntent {
  const actor = overrides.actor ?? "ana";
  const [line] = parseComment(text);
  if (!line) throw new Error(`no command in ${text}`);
  return {
    kind: "command",
    repository: REPOSITORY,
    actor,
    deliveryGuid: "guid-1",
    comment: commandComment({ actor }),
    line: line.line,
    text: line.text,
    asked:
      line.kind === "command"
        ? { kind: "command", command: line.command }
        : { kind: "reply", code: line.code, message: line.message, suggestion: line.suggestion },
    isPullRequestOpen: true,
    defaultBranch: "main",
    ...overrides,
  };
}

/** A line with any command, also one that nobody can type. */
export function intentOf(command: Command, overrides: Partial<CommandIntent> = {}): CommandIntent {
  return { ...commandIntent("/help", overrides), asked: { kind: "command", command } };
}

/** Production of the shop, its stack its own. */
export function place(overrides: Partial<Place> = {}): Place {
  return {
    app: "shop",
    environment: {
      name: "production",
      stackName: "shop-production",
      url: "https://shop.example.com",
    },
    policySha: sha("f"),
    ownsStack: true,
    ...overrides,
  };
}

/** A release of production. */
export function release(overrides: Partial<Release> = {}): Release {
  return {
    id: "rel_1",
    repositoryId: REPOSITORY.id,
    app: "shop",
    environment: "production",
    version: "v1.0.0",
    sha: sha("1"),
    stack: releaseStack(releaseService("shop", { reference: "localhost/acme/shop:1" })),
    createdAt: 1_000,
    ...overrides,
  };
}

/** A release that ran, by the deployment that made it run. */
export function ran(of: Partial<Release>, by: Partial<Deployment> = {}): Ran {
  const made = release(of);
  const { version, sha: commit, id } = made;
  const successful = { state: "succeeded" as const, version, sha: commit, releaseId: id };
  return {
    release: made,
    deployment: deployment({ id: `dep_of_${id}`, ...successful, ...by }),
  };
}
