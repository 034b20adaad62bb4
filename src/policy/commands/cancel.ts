import type { CommandIntent } from "../../intent.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { CancelFacts } from "./command-facts.ts";
import { nameDeployment } from "./name-deployment.ts";
import { refusal, refuseCommand } from "./refusal.ts";

/** The verdict on `/cancel`: the newest deployment that is not over ends, unless it is going back already. Pure. */
export function decideCancel(intent: CommandIntent, facts: CancelFacts): Verdict {
  const { environment, newest } = facts;
  const refuse = (message: string): Verdict => {
    const nextStep = `\`/status ${environment}\` shows how it stands.`;
    return refuseCommand(intent, refusal("nothing_to_cancel", message, nextStep));
  };
  if (newest === null) return refuse(`nothing runs or waits in ${environment}`);
  const name = `${nameDeployment(newest)} in ${environment}`;
  if (newest.state === "rolling_back") {
    return refuse(`${name} goes back already, and that is not interrupted`);
  }
  if (newest.cancelledBy !== null) return refuse(`${name} is being cancelled already`);
  const message = newest.state === "running" ? "was asked to stop" : "is cancelled";
  return verdict(
    { kind: "accepted", intent },
    {
      cancelled: [{ deploymentId: newest.id, by: intent.actor }],
      answer: { kind: "done", message: `${name} ${message}.` },
    },
  );
}
