import type { Origin } from "../deployment.ts";

/** What led to a deployment, in plain words that stand before and after the name of who asked. */
export interface OriginText {
  readonly before: string;
  /** Empty when nothing follows the name. */
  readonly after: string;
}

/** Says what led to a deployment, the same on a check run, in a comment and on a page. */
export function originText({ kind, pullRequest }: Origin): OriginText {
  switch (kind) {
    case "push":
      return { before: "pushed by", after: "" };
    case "tag":
      return { before: "tag pushed by", after: "" };
    case "release":
      return { before: "release published by", after: "" };
    case "github_deployment":
      return { before: "asked by", after: "through a GitHub deployment" };
    case "comment":
      return {
        before: "asked by",
        after: pullRequest === null ? "in a comment" : `on #${pullRequest}`,
      };
    case "check_run":
      return { before: "asked by", after: "on a check run" };
  }
}
