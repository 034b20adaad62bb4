import type { Command } from "../../src/command.ts";
import type { CommandIntent, Decoded } from "../../src/intent.ts";
import { REPOSITORY } from "../support/records.ts";

/** The one pull request of the simulated repository. */
export const PULL_REQUEST = 7;

/** What somebody comments on the pull request. */
export const WISHES = [
  "deploy",
  "deploy_main",
  "rollback",
  "rollback_2",
  "resume",
  "cancel",
  "retry",
] as const;

/** One of the wishes. */
export type Wish = (typeof WISHES)[number];

/** A wish as its command line says it. */
export function commandOf(wish: Wish, environment: string): Command {
  const words = [environment];
  switch (wish) {
    case "deploy":
      return { verb: "deploy", words, at: null };
    case "deploy_main":
      return { verb: "deploy", words, at: "main" };
    case "rollback":
      return { verb: "rollback", words };
    case "rollback_2":
      return { verb: "rollback", words: [environment, "2"] };
    case "resume":
    case "cancel":
    case "retry":
      return { verb: wish, words };
  }
}

/** What a comment with one command comes to; `at` is when it is written. */
export function tellCommand(about: {
  readonly guid: string;
  readonly commentId: number;
  readonly actor: string;
  readonly command: Command;
  readonly at: number;
}): Decoded {
  const { guid, commentId, actor, command } = about;
  const repository = REPOSITORY;
  const createdAt = wholeSeconds(about.at);
  const comment = { repository, number: PULL_REQUEST, commentId, actor, createdAt };
  const text = `/${command.verb} ${command.words.join(" ")}`;
  const intent: CommandIntent = {
    kind: "command",
    repository,
    actor,
    deliveryGuid: guid,
    comment,
    line: 1,
    text,
    asked: { kind: "command", command },
    isPullRequestOpen: true,
    defaultBranch: "main",
  };
  return { kind: "intent", intent };
}

/** What GitHub tells of a pull request whose head has moved. */
export function tellHead(headSha: string, at: number): Decoded {
  const where = { repositoryId: REPOSITORY.id, number: PULL_REQUEST };
  const sighting = { ...where, headSha, isFork: false, isOpen: true, at: wholeSeconds(at) };
  return { kind: "sighting", sighting };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
