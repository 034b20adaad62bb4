import type { ServiceSpec } from "../../src/swarm-objects.ts";
import { SkepError } from "../../src/errors.ts";
import type { Ids } from "../../src/ids.ts";
import type { Logger } from "../../src/logger.ts";
import type { Witness } from "./witness.ts";

/** A service that was there before, and has the port that some commits want. */
export const FOREIGN_SERVICE: ServiceSpec = {
  Name: "foreign",
  Labels: {},
  TaskTemplate: {
    ContainerSpec: {
      Image: "foreign:1",
      Labels: {},
      Privileges: { CredentialSpec: null, SELinuxContext: null },
    },
    Resources: {},
    Placement: {},
    ForceUpdate: 0,
  },
  Mode: { Replicated: { Replicas: 1 } },
  EndpointSpec: {
    Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: 8080, PublishMode: "ingress" }],
  },
};

/** Identifiers that count, so that a story can be told again. */
export function createCountingIds(): Ids {
  let last = 0;
  return {
    next: (prefix) => `${prefix}_${String(++last).padStart(5, "0")}`,
    secret: (bytes) => "0".repeat(2 * bytes),
  };
}

/** Troubles that stories make on purpose; every other `internal` error is a defect. */
export const DISK_FULL = "the disk is full";
export const NO_REDIS = "Redis is away";

/** A log that complains of errors that should not be. */
export function createComplainingLog(witness: Witness): Logger {
  const look = (level: string) => (data: object, message: string) => {
    const error: unknown = "err" in data ? data.err : undefined;
    const words = error instanceof Error ? `: ${error.message}` : "";
    if (level !== "info") witness.tell(`log ${level} ${message}${words}`);
    if (!(error instanceof Error)) return;
    const isMade = error.message.includes(DISK_FULL) || error.message.includes(NO_REDIS);
    const isDefect = !(error instanceof SkepError) || error.code === "internal";
    if (isDefect && !isMade) witness.complain(`${message}${words}`);
  };
  return { debug: look("debug"), info: look("info"), warn: look("warn"), error: look("error") };
}
