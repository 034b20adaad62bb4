import { SkepError } from "../../errors.ts";
import { type EngineRefusal, refusalError } from "./engine-failure.ts";

/** What a refused write means. The engine answers with 500 to a stale version and to a wrong constraint, too. */
export function writeError(action: string, refusal: EngineRefusal): SkepError {
  const { message, status } = refusal;
  if (/^network .* not found/iu.test(message)) return networkMissing(action, message);
  if (/^(?:config|secret) not found/iu.test(message)) return fileMissing(action, message);
  if (/overlap/iu.test(message)) return subnetTaken(action, message);
  if (/update out of sequence/iu.test(message)) return conflict(action, message);
  if (/already in use by service/iu.test(message)) {
    return new SkepError("port_in_use", `${action}: ${message}`, {
      nextStep: "Publish another port, or remove the service that has this one.",
    });
  }
  if (status === 404 || status === 409) return conflict(action, message);
  const isSpec = /^constraint |^invalid (?:subnet|cidr)/iu.test(message);
  if (status === 400 || status === 501 || isSpec) return rejected(action, message);
  return refusalError(action, refusal);
}

/** Somebody else changed or removed it at the same time. */
export function conflict(action: string, words: string): SkepError {
  return new SkepError("swarm_conflict", `${action}: ${words}`, {
    retryable: true,
    nextStep: "Somebody else changed it at the same time; Skep reads it again and tries again.",
  });
}

/** The engine does not take what it was asked to make. */
export function rejected(action: string, words: string): SkepError {
  return new SkepError("spec_rejected", `${action}: ${words}`, {
    nextStep: "Change the definition as the message says, then deploy again.",
  });
}

/** A config or secret that is needed is not on the Swarm. */
export function fileMissing(action: string, words: string): SkepError {
  return new SkepError("file_not_found", `${action}: ${words}`, {
    nextStep:
      "Create it with `docker config create` or `docker secret create`, or correct its name.",
  });
}

/** The addresses that a network asks for belong to another. */
export function subnetTaken(action: string, words: string): SkepError {
  return new SkepError("subnet_in_use", `${action}: ${words}`, {
    nextStep: "Give the network another subnet, or leave it to Docker.",
  });
}

function networkMissing(action: string, words: string): SkepError {
  return new SkepError("network_not_found", `${action}: ${words}`, {
    nextStep: "Create it with `docker network create --driver overlay`, or correct its name.",
  });
}
