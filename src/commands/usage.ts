import type { Verb } from "../command.ts";

/** How a command is written and what it does, in words for a person. */
export interface Usage {
  readonly usage: string;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** A line that is such a command. */
  readonly example: string;
}

/** Every command that works, in the order in which `/help` and the docs show them. */
export const USAGE: Readonly<Record<Verb, Usage>> = {
  deploy: {
    usage: "/deploy [app] [to] [environment] [at <tag, branch or commit>]",
    summary: "Deploys the pull request's head, or what `at` names",
    example: "/deploy to staging at v1.9.0",
  },
  rollback: {
    usage: "/rollback [app] [environment] [version, commit or number of releases]",
    summary: "Goes back to an earlier release, the one before if none is named, and holds it",
    example: "/rollback production v1.9.0",
  },
  status: {
    usage: "/status [app] [environment]",
    summary: "Shows what runs, since when, by whom, and what waits",
    example: "/status",
  },
  history: {
    usage: "/history [app] [environment]",
    summary: "Shows the last deployments and the versions to go back to",
    example: "/history production",
  },
  resume: {
    usage: "/resume [app] [environment]",
    summary: "Lets pushes and tags deploy again after a rollback",
    example: "/resume production",
  },
  cancel: {
    usage: "/cancel [app] [environment]",
    summary: "Stops the deployment that runs or waits",
    example: "/cancel staging",
  },
  retry: {
    usage: "/retry [app] [environment]",
    summary: "Runs the last deployment again, same commit",
    example: "/retry staging",
  },
  help: {
    usage: "/help [command]",
    summary: "Shows the commands",
    example: "/help deploy",
  },
};
