import { copyable } from "../../commands/parse.ts";

/** The command that deploys what a name means, to be copied; null when it cannot be shown so that it means that. */
export function deployLine(environment: string, at: string): string | null {
  return copyable({ verb: "deploy", words: [environment], at });
}

/** The command that goes back to a release, to be copied; null when it cannot be shown so that it means that. */
export function rollbackLine(environment: string, target: string): string | null {
  return copyable({ verb: "rollback", words: [environment, target] });
}
