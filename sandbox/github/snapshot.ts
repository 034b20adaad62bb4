import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type State, stateSchema } from "./state.ts";

/** The state and the file it is kept in. */
export interface Snapshot {
  readonly state: State;
  /** Tells that the state changed; it is written within 200 ms. */
  readonly changed: () => void;
  /** Writes at once. */
  readonly flush: () => void;
}

const writeDelayMs = 200;

/** What a state begins with. */
export interface NewState {
  readonly appId: number;
  readonly webhookSecret: string | undefined;
  readonly now: Date;
}

/** Opens the state in a directory, or begins a new one there with a fresh App. */
export function openSnapshot(directory: string, start: NewState): Snapshot {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "state.json");
  const state = existsSync(file)
    ? stateSchema.parse(JSON.parse(readFileSync(file, "utf8")))
    : beginState(start);
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    // A crash in the middle of writing leaves the old file whole.
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  flush();
  return {
    state,
    flush,
    changed: () => {
      timer ??= setTimeout(flush, writeDelayMs);
    },
  };
}

function beginState({ appId, webhookSecret, now }: NewState): State {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    lastId: 1000,
    app: {
      id: appId,
      privateKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      webhookSecret: webhookSecret ?? randomBytes(20).toString("hex"),
      tokenKey: randomBytes(32).toString("hex"),
      createdAt: now.toISOString(),
    },
    users: [],
    otherApps: [],
    repositories: [],
    installations: [],
    restrictedTokens: [],
    checkSuites: [],
    checkRuns: [],
    deployments: [],
    deploymentStatuses: [],
    commitStatuses: [],
    issues: [],
    comments: [],
    reactions: [],
    releases: [],
    deliveries: [],
  };
}
